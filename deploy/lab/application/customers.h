#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "deploy/lab/application/router.h"
#include "deploy/lab/application/sqlite.h"

namespace grayling::lab {

// PetClinic's customers service: owners, their pets, the types of pets. Thread-safe.
class CustomersService {
 public:
  static constexpr int64_t kOwnersPerPage = 50;

  static absl::StatusOr<std::unique_ptr<CustomersService>> Open(const std::string& path);
  void AddRoutes(Router& router);

 private:
  CustomersService(std::unique_ptr<ConnectionPool> db, int64_t seeded_owners)
      : db_(std::move(db)), seeded_owners_(seeded_owners) {}

  // One page. `?page=N` counts from 0; without it each request gets another page of the seeded
  // owners, so that the whole file is the working set and the answer does not grow over a run.
  absl::StatusOr<Reply> ListOwners(const Call& call);
  absl::StatusOr<Reply> CreateOwner(const Call& call);
  absl::StatusOr<Reply> GetOwner(const Call& call);
  absl::StatusOr<Reply> UpdateOwner(const Call& call);
  absl::StatusOr<Reply> CreatePet(const Call& call);
  absl::StatusOr<Reply> UpdatePet(const Call& call);
  absl::StatusOr<Reply> ListPetTypes(const Call& call);

  const std::unique_ptr<ConnectionPool> db_;
  const int64_t seeded_owners_;
  std::atomic<uint64_t> draws_{0};
};

}  // namespace grayling::lab
