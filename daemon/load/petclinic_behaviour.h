#pragma once

#include "absl/status/statusor.h"
#include "daemon/load/load_behaviour.h"
#include "daemon/load/petclinic_mix.h"

namespace grayling {

// A user of PetClinic, as a load drives it.
class PetclinicBehaviour final : public LoadBehaviour {
 public:
  explicit PetclinicBehaviour(int64_t seeded_owners) : user_(seeded_owners) {}

  void Next(std::mt19937_64& random, LoadRequest& request) override;
  void Answered(absl::string_view body) override { user_.Answered(request_, body); }
  void NotFound() override { user_.NotFound(request_); }

 private:
  PetclinicUser user_;
  PetclinicRequest request_;
};

// The mix "petclinic" or "petclinic-stock". INVALID_ARGUMENT for another name.
absl::StatusOr<LoadMix> PetclinicMix(absl::string_view name);

}  // namespace grayling
