#pragma once

#include <set>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/optional.h"

namespace grayling {

// Which faults somebody is working on. A claim is what allows a thread to talk to a guest about a
// fault without holding a mutex meanwhile. Thread-safe; must outlive its claims.
class FaultClaims {
 public:
  class Claim {
   public:
    Claim(FaultClaims& claims, std::string name) : claims_(&claims), name_(std::move(name)) {}
    Claim(Claim&& other) noexcept : claims_(other.claims_), name_(std::move(other.name_)) {
      other.claims_ = nullptr;
    }
    Claim& operator=(Claim&& other) noexcept {
      std::swap(claims_, other.claims_);
      std::swap(name_, other.name_);
      return *this;
    }
    ~Claim();

   private:
    FaultClaims* claims_;
    std::string name_;
  };

  // Waits until nobody else works on the fault.
  Claim Take(const std::string& name);
  // Nothing when somebody works on it.
  absl::optional<Claim> TryTake(const std::string& name);

 private:
  absl::Mutex mutex_;
  std::set<std::string> taken_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace grayling
