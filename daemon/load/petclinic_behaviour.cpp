#include "daemon/load/petclinic_behaviour.h"

#include "base/status_macros.h"

namespace grayling {

void PetclinicBehaviour::Next(std::mt19937_64& random, LoadRequest& request) {
  user_.Next(random, request_);
  request.route = static_cast<size_t>(request_.route);
  request.method = request_.method;
  request.path = request_.path;
  request.body = request_.body;
  request.expected_status = request_.expected_status;
}

absl::StatusOr<LoadMix> PetclinicMix(absl::string_view name) {
  GRAYLING_ASSIGN_OR_RETURN(const int64_t seeded_owners, SeededOwnersOf(name));
  LoadMix mix;
  for (size_t route = 0; route < kPetclinicRoutes; ++route) {
    mix.routes.emplace_back(RouteName(route));
  }
  mix.new_user = [seeded_owners] { return std::make_unique<PetclinicBehaviour>(seeded_owners); };
  return mix;
}

}  // namespace grayling
