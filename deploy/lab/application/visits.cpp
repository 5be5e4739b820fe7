#include "deploy/lab/application/visits.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"
#include "deploy/lab/application/random_text.h"

namespace grayling::lab {
namespace {

constexpr int kConnections = 4;
constexpr char kDefaultDate[] = "2024-01-01";

absl::Status AppendVisits(Connection& db, int64_t pet_id, Json& visits) {
  GRAYLING_ASSIGN_OR_RETURN(
      Query query, db.Prepare("SELECT id, visit_date, substr(description, 1, 200) FROM visits WHERE"
                              " pet_id = ? ORDER BY id DESC LIMIT ?"));
  query.Bind(pet_id).Bind(VisitsService::kVisitsPerPet);
  while (true) {
    GRAYLING_ASSIGN_OR_RETURN(const bool row, query.Step());
    if (!row) return absl::OkStatus();
    visits.push_back({{"id", query.Integer(0)},
                      {"date", query.Text(1)},
                      {"description", query.Text(2)},
                      {"petId", pet_id}});
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<VisitsService>> VisitsService::Open(const std::string& path) {
  GRAYLING_ASSIGN_OR_RETURN(std::unique_ptr<ConnectionPool> db,
                            ConnectionPool::Open(path, kConnections));
  GRAYLING_ASSIGN_OR_RETURN(const int64_t visits,
                            db->Take()->Integer("SELECT coalesce(max(id), 0) FROM visits"));
  return std::unique_ptr<VisitsService>(new VisitsService(std::move(db), visits));
}

void VisitsService::AddRoutes(Router& router) {
  router.Add("POST", "/owners/{ownerId}/pets/{petId}/visits",
             [this](const Call& call) { return CreateVisit(call); });
  router.Add("GET", "/owners/{ownerId}/pets/{petId}/visits",
             [this](const Call& call) { return ListVisitsOfPet(call); });
  router.Add("GET", "/pets/visits", [this](const Call& call) { return ListVisitsOfPets(call); });
}

absl::StatusOr<Json> VisitsService::ReadEarlierCases(Connection& db) {
  Json cases = Json::array();
  for (int i = 0; i < kEarlierCases && seeded_visits_ > 0; ++i) {
    const auto id = static_cast<int64_t>(1 + Mix(draws_.fetch_add(1)) % seeded_visits_);
    GRAYLING_ASSIGN_OR_RETURN(
        Query query, db.Prepare("SELECT id, substr(description, 1, 40) FROM visits WHERE id = ?"));
    GRAYLING_ASSIGN_OR_RETURN(const bool row, query.Bind(id).Step());
    if (row) cases.push_back({{"id", query.Integer(0)}, {"description", query.Text(1)}});
  }
  return cases;
}

absl::StatusOr<Reply> VisitsService::CreateVisit(const Call& call) {
  GRAYLING_ASSIGN_OR_RETURN([[maybe_unused]] const int64_t owner_id, call.Id(0));
  GRAYLING_ASSIGN_OR_RETURN(const int64_t pet_id, call.Id(1));
  GRAYLING_ASSIGN_OR_RETURN(const Json json, ParseObject(call.body));
  GRAYLING_ASSIGN_OR_RETURN(const std::string description, TextField(json, "description"));
  const std::string date = TextFieldOr(json, "date", kDefaultDate);
  ConnectionPool::Lease db = db_->Take();
  GRAYLING_ASSIGN_OR_RETURN(const Json earlier, ReadEarlierCases(*db));
  GRAYLING_ASSIGN_OR_RETURN(
      Query query,
      db->Prepare("INSERT INTO visits(pet_id, visit_date, description) VALUES (?,?,?)"));
  GRAYLING_RETURN_IF_ERROR(query.Bind(pet_id).Bind(date).Bind(description).Finish());
  const Json created = {{"id", db->LastId()},
                        {"date", date},
                        {"description", description},
                        {"petId", pet_id},
                        {"earlierCases", earlier}};
  return Reply{201, created.dump()};
}

absl::StatusOr<Reply> VisitsService::ListVisitsOfPet(const Call& call) {
  GRAYLING_ASSIGN_OR_RETURN(const int64_t pet_id, call.Id(1));
  ConnectionPool::Lease db = db_->Take();
  Json visits = Json::array();
  GRAYLING_RETURN_IF_ERROR(AppendVisits(*db, pet_id, visits));
  GRAYLING_RETURN_IF_ERROR(ReadEarlierCases(*db).status());
  return Reply{200, visits.dump()};
}

absl::StatusOr<Reply> VisitsService::ListVisitsOfPets(const Call& call) {
  const auto ids = call.query.find("petId");
  if (ids == call.query.end()) {
    return absl::InvalidArgumentError("query 'petId' is missing; use /pets/visits?petId=1,2");
  }
  ConnectionPool::Lease db = db_->Take();
  Json items = Json::array();
  for (const absl::string_view text : absl::StrSplit(ids->second, ',', absl::SkipEmpty())) {
    int64_t pet_id = 0;
    if (!absl::SimpleAtoi(text, &pet_id)) {
      return absl::InvalidArgumentError(
          absl::StrCat("'", text, "' in petId is not an id; use numbers divided by commas"));
    }
    GRAYLING_RETURN_IF_ERROR(AppendVisits(*db, pet_id, items));
  }
  GRAYLING_ASSIGN_OR_RETURN(const Json earlier, ReadEarlierCases(*db));
  return Reply{200, Json({{"items", items}, {"earlierCases", earlier}}).dump()};
}

}  // namespace grayling::lab
