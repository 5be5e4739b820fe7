#include "deploy/lab/application/vets.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "deploy/lab/application/fields.h"
#include "deploy/lab/application/random_text.h"

namespace grayling::lab {
namespace {

constexpr int kConnections = 4;

}  // namespace

absl::StatusOr<std::unique_ptr<VetsService>> VetsService::Open(const std::string& path) {
  GRAYLING_ASSIGN_OR_RETURN(std::unique_ptr<ConnectionPool> db,
                            ConnectionPool::Open(path, kConnections));
  GRAYLING_ASSIGN_OR_RETURN(const int64_t vets,
                            db->Take()->Integer("SELECT coalesce(max(id), 0) FROM vets"));
  return std::unique_ptr<VetsService>(new VetsService(std::move(db), vets));
}

void VetsService::AddRoutes(Router& router) {
  router.Add("GET", "/vets", [this](const Call&) { return ListVets(); });
}

absl::StatusOr<Reply> VetsService::ListVets() {
  const int64_t pages = std::max<int64_t>(1, seeded_vets_ / kVetsPerPage);
  const auto page = static_cast<int64_t>(Mix(draws_.fetch_add(1)) % pages);
  const int64_t first = page * kVetsPerPage + 1;
  ConnectionPool::Lease db = db_->Take();
  GRAYLING_ASSIGN_OR_RETURN(
      Query query, db->Prepare("SELECT vets.id, first_name, last_name, specialties.name,"
                               " substr(biography, 1, 80) FROM vets LEFT JOIN specialties ON"
                               " specialties.id = specialty_id WHERE vets.id BETWEEN ? AND ?"));
  query.Bind(first).Bind(first + kVetsPerPage - 1);
  Json vets = Json::array();
  while (true) {
    GRAYLING_ASSIGN_OR_RETURN(const bool row, query.Step());
    if (!row) return Reply{200, vets.dump()};
    Json specialties = Json::array();
    if (const std::string name = query.Text(3); !name.empty()) {
      specialties.push_back({{"name", name}});
    }
    vets.push_back({{"id", query.Integer(0)},
                    {"firstName", query.Text(1)},
                    {"lastName", query.Text(2)},
                    {"biography", query.Text(4)},
                    {"specialties", specialties}});
  }
}

}  // namespace grayling::lab
