#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <random>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/load/http_method.h"

namespace grayling {

// The requests of PetClinic's JMeter plan, seen at its gateway.
enum class PetclinicRoute : size_t {
  kListOwners,
  kGetOwner,
  kListVets,
  kCreateOwner,
  kUpdateOwner,
  kCreatePet,
  kUpdatePet,
  kCreateVisit,
};
inline constexpr size_t kPetclinicRoutes = 8;

// The name of a route as a metric label: "get_owner".
absl::string_view RouteName(size_t route);

// One request that a user is about to send. Reused from request to request.
struct PetclinicRequest {
  PetclinicRoute route = PetclinicRoute::kListOwners;
  HttpMethod method = HttpMethod::kGet;
  std::string path;  // from the root, with the slash
  std::string body;  // JSON; empty for a read
  int expected_status = 200;
  int64_t owner_id = 0;  // 0 when the request names no owner
};

// How many owners the application holds from its start: "petclinic" is the lab with owners
// 1..1000, "petclinic-stock" is Spring's own with 1..10. INVALID_ARGUMENT for another name.
absl::StatusOr<int64_t> SeededOwnersOf(absl::string_view mix);

// One user's behaviour: seven reads in ten, the rest writes, with the bodies of the stock plan.
// Reads and owner updates take a seeded owner or one that this user created; pets and visits need
// ids that this user has seen. Remembers the last 16 of each. Not thread-safe.
class PetclinicUser {
 public:
  explicit PetclinicUser(int64_t seeded_owners) : seeded_owners_(seeded_owners) {}

  // Chooses the next request.
  void Next(std::mt19937_64& random, PetclinicRequest& request);
  // Learns the id in the body of an answer to `request` that had the expected status.
  void Answered(const PetclinicRequest& request, absl::string_view body);
  // Forgets the ids of a `request` that was answered 404: an application that restarted has lost
  // what it held in memory, and asking for it for ever would look like a fault.
  void NotFound(const PetclinicRequest& request);

 private:
  struct Pet {
    int64_t owner = 0;
    int64_t id = 0;
  };

  int64_t SomeOwner(std::mt19937_64& random) const;
  void WriteOwner(int64_t owner, PetclinicRequest& request) const;
  void WritePet(const Pet& pet, std::mt19937_64& random, PetclinicRequest& request) const;

  int64_t seeded_owners_;
  std::deque<int64_t> owners_;
  std::deque<Pet> pets_;
};

}  // namespace grayling
