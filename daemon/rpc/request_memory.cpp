#include "daemon/rpc/request_memory.h"

namespace grayling {
namespace {

constexpr size_t kMostRemembered = 256;

}  // namespace

absl::StatusOr<std::string> RequestMemory::Once(
    const std::string& request_id, absl::FunctionRef<absl::StatusOr<std::string>()> work) {
  if (request_id.empty()) return work();
  {
    absl::MutexLock lock(&mutex_);
    const auto is_settled = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      const auto found = names_.find(request_id);
      return found == names_.end() || !found->second.empty();
    };
    mutex_.Await(absl::Condition(&is_settled));
    const auto found = names_.find(request_id);
    if (found != names_.end()) return found->second;
    names_[request_id] = "";
  }
  absl::StatusOr<std::string> name = work();
  absl::MutexLock lock(&mutex_);
  if (!name.ok()) {
    names_.erase(request_id);
    return name;
  }
  names_[request_id] = *name;
  finished_.push_back(request_id);
  if (finished_.size() > kMostRemembered) {
    names_.erase(finished_.front());
    finished_.pop_front();
  }
  return name;
}

}  // namespace grayling
