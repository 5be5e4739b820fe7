#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "deploy/lab/application/fields.h"
#include "deploy/lab/application/router.h"
#include "deploy/lab/application/sqlite.h"

namespace grayling::lab {

// PetClinic's visits service. With every answer it looks up a few earlier cases all over its file
// (`earlierCases`), so that the whole file is the working set. Thread-safe.
class VisitsService {
 public:
  static constexpr int64_t kVisitsPerPet = 50;  // the newest are listed
  static constexpr int kEarlierCases = 6;

  static absl::StatusOr<std::unique_ptr<VisitsService>> Open(const std::string& path);
  void AddRoutes(Router& router);

 private:
  VisitsService(std::unique_ptr<ConnectionPool> db, int64_t seeded_visits)
      : db_(std::move(db)), seeded_visits_(seeded_visits) {}

  absl::StatusOr<Reply> CreateVisit(const Call& call);
  absl::StatusOr<Reply> ListVisitsOfPet(const Call& call);
  // GET /pets/visits?petId=1,2,3, for the gateway's aggregate.
  absl::StatusOr<Reply> ListVisitsOfPets(const Call& call);
  absl::StatusOr<Json> ReadEarlierCases(Connection& db);

  const std::unique_ptr<ConnectionPool> db_;
  const int64_t seeded_visits_;
  std::atomic<uint64_t> draws_{0};
};

}  // namespace grayling::lab
