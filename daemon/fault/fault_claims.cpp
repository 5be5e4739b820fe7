#include "daemon/fault/fault_claims.h"

#include <utility>

namespace grayling {

FaultClaims::Claim::~Claim() {
  if (claims_ == nullptr) return;
  absl::MutexLock lock(&claims_->mutex_);
  claims_->taken_.erase(name_);
}

FaultClaims::Claim FaultClaims::Take(const std::string& name) {
  absl::MutexLock lock(&mutex_);
  const auto is_free = [this, &name]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return taken_.count(name) == 0;
  };
  mutex_.Await(absl::Condition(&is_free));
  taken_.insert(name);
  return Claim(*this, name);
}

absl::optional<FaultClaims::Claim> FaultClaims::TryTake(const std::string& name) {
  absl::MutexLock lock(&mutex_);
  if (!taken_.insert(name).second) return absl::nullopt;
  return Claim(*this, name);
}

}  // namespace grayling
