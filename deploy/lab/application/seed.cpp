#include "deploy/lab/application/seed.h"

#include <cstdio>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "deploy/lab/application/random_text.h"
#include "deploy/lab/application/sqlite.h"

namespace grayling::lab {
namespace {

constexpr size_t kOwnerNotes = 1700;
constexpr size_t kVisitDescription = 1050;
constexpr size_t kVetBiography = 3500;

absl::Status SeedCustomers(Connection& db, int64_t owners) {
  GRAYLING_RETURN_IF_ERROR(db.Execute(
      "CREATE TABLE types(id INTEGER PRIMARY KEY, name TEXT NOT NULL);"
      "CREATE TABLE owners(id INTEGER PRIMARY KEY, first_name TEXT NOT NULL,"
      " last_name TEXT NOT NULL, address TEXT NOT NULL, city TEXT NOT NULL,"
      " telephone TEXT NOT NULL, notes TEXT NOT NULL);"
      "CREATE TABLE pets(id INTEGER PRIMARY KEY, owner_id INTEGER NOT NULL, name TEXT NOT NULL,"
      " birth_date TEXT NOT NULL, type_id INTEGER NOT NULL);"
      "CREATE INDEX pets_owner ON pets(owner_id);"
      "INSERT INTO types VALUES (1,'cat'),(2,'dog'),(3,'lizard'),(4,'snake'),(5,'bird'),"
      "(6,'hamster')"));
  for (int64_t id = 1; id <= owners; ++id) {
    GRAYLING_ASSIGN_OR_RETURN(Query owner, db.Prepare("INSERT INTO owners VALUES (?,?,?,?,?,?,?)"));
    GRAYLING_RETURN_IF_ERROR(owner.Bind(id)
                                 .Bind(RandomFirstName(id))
                                 .Bind(RandomLastName(id))
                                 .Bind(RandomAddress(id))
                                 .Bind(RandomCity(id))
                                 .Bind(absl::StrFormat("%010d", Mix(id) % 10000000000))
                                 .Bind(RandomText(id * 1000, kOwnerNotes))
                                 .Finish());
    for (int64_t pet = FirstSeededPet(id); pet < FirstSeededPet(id + 1); ++pet) {
      GRAYLING_ASSIGN_OR_RETURN(Query query, db.Prepare("INSERT INTO pets VALUES (?,?,?,?,?)"));
      GRAYLING_RETURN_IF_ERROR(query.Bind(pet)
                                   .Bind(id)
                                   .Bind(RandomFirstName(pet + 7))
                                   .Bind(RandomDate(pet))
                                   .Bind(static_cast<int64_t>(1 + Mix(pet) % 6))
                                   .Finish());
    }
  }
  return absl::OkStatus();
}

absl::Status SeedVisits(Connection& db, int64_t visits, int64_t owners) {
  GRAYLING_RETURN_IF_ERROR(
      db.Execute("CREATE TABLE visits(id INTEGER PRIMARY KEY, pet_id INTEGER NOT NULL,"
                 " visit_date TEXT NOT NULL, description TEXT NOT NULL);"
                 "CREATE INDEX visits_pet ON visits(pet_id)"));
  const uint64_t pets = FirstSeededPet(owners + 1) - 1;
  for (int64_t id = 1; id <= visits; ++id) {
    GRAYLING_ASSIGN_OR_RETURN(Query query, db.Prepare("INSERT INTO visits VALUES (?,?,?,?)"));
    GRAYLING_RETURN_IF_ERROR(query.Bind(id)
                                 .Bind(static_cast<int64_t>(1 + Mix(id) % pets))
                                 .Bind(RandomDate(id))
                                 .Bind(RandomText(id * 1000, kVisitDescription))
                                 .Finish());
  }
  return absl::OkStatus();
}

absl::Status SeedVets(Connection& db, int64_t vets) {
  GRAYLING_RETURN_IF_ERROR(
      db.Execute("CREATE TABLE specialties(id INTEGER PRIMARY KEY, name TEXT NOT NULL);"
                 "CREATE TABLE vets(id INTEGER PRIMARY KEY, first_name TEXT NOT NULL,"
                 " last_name TEXT NOT NULL, specialty_id INTEGER NOT NULL,"
                 " biography TEXT NOT NULL);"
                 "INSERT INTO specialties VALUES (1,'radiology'),(2,'surgery'),(3,'dentistry')"));
  for (int64_t id = 1; id <= vets; ++id) {
    GRAYLING_ASSIGN_OR_RETURN(Query query, db.Prepare("INSERT INTO vets VALUES (?,?,?,?,?)"));
    GRAYLING_RETURN_IF_ERROR(query.Bind(id)
                                 .Bind(RandomFirstName(id + 11))
                                 .Bind(RandomLastName(id + 11))
                                 .Bind(static_cast<int64_t>(Mix(id) % 4))  // 0: none
                                 .Bind(RandomText(id * 1000, kVetBiography))
                                 .Finish());
  }
  return absl::OkStatus();
}

absl::Status Fill(const std::string& role, const std::string& path, const SeedSize& size) {
  GRAYLING_ASSIGN_OR_RETURN(std::unique_ptr<Connection> db, Connection::Open(path));
  // The file is renamed into place when whole, so it needs no journal of its own.
  GRAYLING_RETURN_IF_ERROR(
      db->Execute("PRAGMA journal_mode=DELETE; PRAGMA synchronous=OFF; BEGIN"));
  if (role == "customers-service") {
    GRAYLING_RETURN_IF_ERROR(SeedCustomers(*db, size.owners));
  } else if (role == "visits-service") {
    GRAYLING_RETURN_IF_ERROR(SeedVisits(*db, size.visits, size.owners));
  } else if (role == "vets-service") {
    GRAYLING_RETURN_IF_ERROR(SeedVets(*db, size.vets));
  } else {
    return absl::InvalidArgumentError(
        absl::StrCat("role '", role,
                     "' has no database; use customers-service, visits-service or vets-service"));
  }
  return db->Execute("COMMIT");
}

}  // namespace

absl::Status SeedDatabase(const std::string& role, const std::string& path, const SeedSize& size) {
  std::error_code error;
  if (std::filesystem::exists(path, error)) return absl::OkStatus();
  const std::string unfinished = absl::StrCat(path, ".seeding");
  std::filesystem::remove(unfinished, error);
  if (absl::Status status = Fill(role, unfinished, size); !status.ok()) {
    std::filesystem::remove(unfinished, error);
    return status;
  }
  std::filesystem::rename(unfinished, path, error);
  if (error) {
    return absl::InternalError(
        absl::StrCat("cannot move the seeded database to ", path, ": ", error.message()));
  }
  return absl::OkStatus();
}

}  // namespace grayling::lab
