#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "deploy/lab/application/router.h"
#include "deploy/lab/application/sqlite.h"

namespace grayling::lab {

// PetClinic's vets service. Every answer is another page of the table, so that the whole file is
// the working set. Thread-safe.
class VetsService {
 public:
  static constexpr int64_t kVetsPerPage = 20;

  static absl::StatusOr<std::unique_ptr<VetsService>> Open(const std::string& path);
  void AddRoutes(Router& router);

 private:
  VetsService(std::unique_ptr<ConnectionPool> db, int64_t seeded_vets)
      : db_(std::move(db)), seeded_vets_(seeded_vets) {}

  absl::StatusOr<Reply> ListVets();

  const std::unique_ptr<ConnectionPool> db_;
  const int64_t seeded_vets_;
  std::atomic<uint64_t> draws_{0};
};

}  // namespace grayling::lab
