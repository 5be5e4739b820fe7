#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"

namespace grayling::lab {

// How many rows a fresh database gets. The defaults make a file of 28-30 MB per service.
struct SeedSize {
  int64_t owners = 14000;  // about 1.8 KB each, plus 1.5 pets on average
  int64_t visits = 22000;  // about 1.0 KB each
  int64_t vets = 7000;     // about 3.6 KB each
};

// Makes DATA/<role>.db unless it is there. The same sizes give the same bytes. `role` is one of
// customers-service, visits-service, vets-service. A crash half-way leaves no half database.
absl::Status SeedDatabase(const std::string& role, const std::string& path, const SeedSize& size);

// Seeded owner `id` owns the pets FirstSeededPet(id) .. FirstSeededPet(id + 1) - 1: two when odd,
// one when even.
constexpr int64_t FirstSeededPet(int64_t owner_id) {
  return 1 + (owner_id - 1) * 3 / 2 + (owner_id % 2 == 0 ? 1 : 0);
}

}  // namespace grayling::lab
