#include "deploy/lab/application/customers.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "deploy/lab/application/fields.h"
#include "deploy/lab/application/random_text.h"

namespace grayling::lab {
namespace {

constexpr int kConnections = 4;

struct OwnerFields {
  std::string first_name, last_name, address, city, telephone, notes;
};

absl::StatusOr<OwnerFields> ParseOwner(const std::string& body) {
  GRAYLING_ASSIGN_OR_RETURN(const Json json, ParseObject(body));
  OwnerFields owner;
  GRAYLING_ASSIGN_OR_RETURN(owner.first_name, TextField(json, "firstName"));
  GRAYLING_ASSIGN_OR_RETURN(owner.last_name, TextField(json, "lastName"));
  GRAYLING_ASSIGN_OR_RETURN(owner.address, TextField(json, "address"));
  GRAYLING_ASSIGN_OR_RETURN(owner.city, TextField(json, "city"));
  GRAYLING_ASSIGN_OR_RETURN(owner.telephone, TextField(json, "telephone"));
  const bool digits = owner.telephone.find_first_not_of("0123456789") == std::string::npos;
  if (!digits || owner.telephone.size() > 12) {
    return absl::InvalidArgumentError("field 'telephone' is not a number; use up to 12 digits");
  }
  owner.notes = TextFieldOr(json, "notes", "");
  return owner;
}

Query& BindOwner(Query& query, const OwnerFields& owner) {
  return query.Bind(owner.first_name)
      .Bind(owner.last_name)
      .Bind(owner.address)
      .Bind(owner.city)
      .Bind(owner.telephone)
      .Bind(owner.notes);
}

struct PetFields {
  std::string name, birth_date;
  int64_t type_id = 0;
};

absl::StatusOr<PetFields> ParsePet(const std::string& body) {
  GRAYLING_ASSIGN_OR_RETURN(const Json json, ParseObject(body));
  PetFields pet;
  GRAYLING_ASSIGN_OR_RETURN(pet.name, TextField(json, "name"));
  GRAYLING_ASSIGN_OR_RETURN(pet.birth_date, TextField(json, "birthDate"));
  GRAYLING_ASSIGN_OR_RETURN(pet.type_id, NumberField(json, "typeId"));
  if (pet.type_id < 1 || pet.type_id > 6) {
    return absl::InvalidArgumentError(
        absl::StrCat("pet type ", pet.type_id, " is unknown; use 1 to 6, see /petTypes"));
  }
  return pet;
}

absl::Status NoOwner(int64_t id) { return absl::NotFoundError(absl::StrCat("no owner ", id)); }

absl::Status RequireOwner(Connection& db, int64_t id) {
  GRAYLING_ASSIGN_OR_RETURN(Query query, db.Prepare("SELECT 1 FROM owners WHERE id = ?"));
  GRAYLING_ASSIGN_OR_RETURN(const bool found, query.Bind(id).Step());
  return found ? absl::OkStatus() : NoOwner(id);
}

// Owners `first` to `last` with their pets, in the order of their ids.
absl::StatusOr<Json> ReadOwners(Connection& db, int64_t first, int64_t last, int64_t notes_length) {
  std::map<int64_t, Json> pets;
  GRAYLING_ASSIGN_OR_RETURN(
      Query pet_query,
      db.Prepare("SELECT owner_id, pets.id, pets.name, birth_date, types.name FROM pets JOIN types"
                 " ON types.id = type_id WHERE owner_id BETWEEN ? AND ?"));
  pet_query.Bind(first).Bind(last);
  while (true) {
    GRAYLING_ASSIGN_OR_RETURN(const bool row, pet_query.Step());
    if (!row) break;
    pets[pet_query.Integer(0)].push_back({{"id", pet_query.Integer(1)},
                                          {"name", pet_query.Text(2)},
                                          {"birthDate", pet_query.Text(3)},
                                          {"type", {{"name", pet_query.Text(4)}}}});
  }
  GRAYLING_ASSIGN_OR_RETURN(
      Query query,
      db.Prepare("SELECT id, first_name, last_name, address, city, telephone, substr(notes, 1, ?)"
                 " FROM owners WHERE id BETWEEN ? AND ?"));
  query.Bind(notes_length).Bind(first).Bind(last);
  Json owners = Json::array();
  while (true) {
    GRAYLING_ASSIGN_OR_RETURN(const bool row, query.Step());
    if (!row) return owners;
    const auto found = pets.find(query.Integer(0));
    owners.push_back({{"id", query.Integer(0)},
                      {"firstName", query.Text(1)},
                      {"lastName", query.Text(2)},
                      {"address", query.Text(3)},
                      {"city", query.Text(4)},
                      {"telephone", query.Text(5)},
                      {"notes", query.Text(6)},
                      {"pets", found == pets.end() ? Json::array() : found->second}});
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<CustomersService>> CustomersService::Open(const std::string& path) {
  GRAYLING_ASSIGN_OR_RETURN(std::unique_ptr<ConnectionPool> db,
                            ConnectionPool::Open(path, kConnections));
  GRAYLING_ASSIGN_OR_RETURN(const int64_t owners,
                            db->Take()->Integer("SELECT coalesce(max(id), 0) FROM owners"));
  return std::unique_ptr<CustomersService>(new CustomersService(std::move(db), owners));
}

void CustomersService::AddRoutes(Router& router) {
  router.Add("GET", "/owners", [this](const Call& call) { return ListOwners(call); });
  router.Add("POST", "/owners", [this](const Call& call) { return CreateOwner(call); });
  router.Add("GET", "/owners/{ownerId}", [this](const Call& call) { return GetOwner(call); });
  router.Add("PUT", "/owners/{ownerId}", [this](const Call& call) { return UpdateOwner(call); });
  router.Add("POST", "/owners/{ownerId}/pets",
             [this](const Call& call) { return CreatePet(call); });
  router.Add("PUT", "/owners/{ownerId}/pets/{petId}",
             [this](const Call& call) { return UpdatePet(call); });
  router.Add("GET", "/petTypes", [this](const Call& call) { return ListPetTypes(call); });
}

absl::StatusOr<Reply> CustomersService::ListOwners(const Call& call) {
  const int64_t pages = std::max<int64_t>(1, seeded_owners_ / kOwnersPerPage);
  int64_t page = static_cast<int64_t>(Mix(draws_.fetch_add(1)) % pages);
  if (const auto wanted = call.query.find("page"); wanted != call.query.end()) {
    if (!absl::SimpleAtoi(wanted->second, &page) || page < 0 || page > 1'000'000'000) {
      return absl::InvalidArgumentError(
          absl::StrCat("page '", wanted->second, "' is not a page; count from 0"));
    }
  }
  const int64_t first = page * kOwnersPerPage + 1;
  ConnectionPool::Lease db = db_->Take();
  GRAYLING_ASSIGN_OR_RETURN(const Json owners,
                            ReadOwners(*db, first, first + kOwnersPerPage - 1, 40));
  return Reply{200, owners.dump()};
}

absl::StatusOr<Reply> CustomersService::CreateOwner(const Call& call) {
  GRAYLING_ASSIGN_OR_RETURN(const OwnerFields owner, ParseOwner(call.body));
  ConnectionPool::Lease db = db_->Take();
  GRAYLING_ASSIGN_OR_RETURN(
      Query query, db->Prepare("INSERT INTO owners(first_name, last_name, address, city, telephone,"
                               " notes) VALUES (?,?,?,?,?,?)"));
  GRAYLING_RETURN_IF_ERROR(BindOwner(query, owner).Finish());
  const Json created = {{"id", db->LastId()},          {"firstName", owner.first_name},
                        {"lastName", owner.last_name}, {"address", owner.address},
                        {"city", owner.city},          {"telephone", owner.telephone},
                        {"notes", owner.notes},        {"pets", Json::array()}};
  return Reply{201, created.dump()};
}

absl::StatusOr<Reply> CustomersService::GetOwner(const Call& call) {
  GRAYLING_ASSIGN_OR_RETURN(const int64_t id, call.Id(0));
  ConnectionPool::Lease db = db_->Take();
  GRAYLING_ASSIGN_OR_RETURN(const Json owners, ReadOwners(*db, id, id, 4000));
  if (owners.empty()) return NoOwner(id);
  return Reply{200, owners[0].dump()};
}

absl::StatusOr<Reply> CustomersService::UpdateOwner(const Call& call) {
  GRAYLING_ASSIGN_OR_RETURN(const int64_t id, call.Id(0));
  GRAYLING_ASSIGN_OR_RETURN(const OwnerFields owner, ParseOwner(call.body));
  ConnectionPool::Lease db = db_->Take();
  GRAYLING_RETURN_IF_ERROR(RequireOwner(*db, id));
  GRAYLING_ASSIGN_OR_RETURN(
      Query query, db->Prepare("UPDATE owners SET first_name=?, last_name=?, address=?, city=?,"
                               " telephone=?, notes=? WHERE id=?"));
  GRAYLING_RETURN_IF_ERROR(BindOwner(query, owner).Bind(id).Finish());
  return Reply{204, ""};
}

absl::StatusOr<Reply> CustomersService::CreatePet(const Call& call) {
  GRAYLING_ASSIGN_OR_RETURN(const int64_t owner_id, call.Id(0));
  GRAYLING_ASSIGN_OR_RETURN(const PetFields pet, ParsePet(call.body));
  ConnectionPool::Lease db = db_->Take();
  GRAYLING_RETURN_IF_ERROR(RequireOwner(*db, owner_id));
  GRAYLING_ASSIGN_OR_RETURN(
      Query query,
      db->Prepare("INSERT INTO pets(owner_id, name, birth_date, type_id) VALUES (?,?,?,?)"));
  GRAYLING_RETURN_IF_ERROR(
      query.Bind(owner_id).Bind(pet.name).Bind(pet.birth_date).Bind(pet.type_id).Finish());
  const Json created = {{"id", db->LastId()},
                        {"name", pet.name},
                        {"birthDate", pet.birth_date},
                        {"typeId", pet.type_id}};
  return Reply{201, created.dump()};
}

absl::StatusOr<Reply> CustomersService::UpdatePet(const Call& call) {
  GRAYLING_ASSIGN_OR_RETURN(const int64_t owner_id, call.Id(0));
  GRAYLING_ASSIGN_OR_RETURN(const int64_t id, call.Id(1));
  GRAYLING_ASSIGN_OR_RETURN(const PetFields pet, ParsePet(call.body));
  ConnectionPool::Lease db = db_->Take();
  GRAYLING_ASSIGN_OR_RETURN(
      Query query, db->Prepare("UPDATE pets SET name=?, birth_date=?, type_id=? WHERE id=? AND"
                               " owner_id=? RETURNING id"));
  GRAYLING_ASSIGN_OR_RETURN(
      const bool found,
      query.Bind(pet.name).Bind(pet.birth_date).Bind(pet.type_id).Bind(id).Bind(owner_id).Step());
  if (!found) return absl::NotFoundError(absl::StrCat("owner ", owner_id, " has no pet ", id));
  GRAYLING_RETURN_IF_ERROR(query.Finish());
  return Reply{204, ""};
}

absl::StatusOr<Reply> CustomersService::ListPetTypes(const Call&) {
  ConnectionPool::Lease db = db_->Take();
  GRAYLING_ASSIGN_OR_RETURN(Query query, db->Prepare("SELECT id, name FROM types ORDER BY name"));
  Json types = Json::array();
  while (true) {
    GRAYLING_ASSIGN_OR_RETURN(const bool row, query.Step());
    if (!row) return Reply{200, types.dump()};
    types.push_back({{"id", query.Integer(0)}, {"name", query.Text(1)}});
  }
}

}  // namespace grayling::lab
