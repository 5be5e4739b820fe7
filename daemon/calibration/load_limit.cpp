#include "daemon/calibration/load_limit.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace grayling {
namespace {

// After the ramp-up, until the first answers of all users are in.
constexpr absl::Duration kSettling = absl::Seconds(2);

absl::Status Check(const LoadLimitRequest& request) {
  if (request.settings.model == LoadModel::kOpen) {
    return absl::InvalidArgumentError(
        "a load with a rate has no users to look for; leave the rate out");
  }
  if (request.first_users < 1 || request.first_users > request.most_users) {
    return absl::InvalidArgumentError(
        absl::StrCat("the first number of users is ", request.first_users,
                     "; it must lie between 1 and the largest, ", request.most_users));
  }
  if (request.look_s < 5 || request.look_s > 3600) {
    return absl::InvalidArgumentError(absl::StrCat(
        "each number would be looked at for ", request.look_s, " s; it must be 5 to 3600 s"));
  }
  return absl::OkStatus();
}

class Search {
 public:
  Search(const LoadLimitRequest& request, LoadGenerator& load, Clock& clock,
         const absl::Notification& stop, const std::function<void(const LoadLimitPoint&)>& visit)
      : request_(request), load_(load), clock_(clock), stop_(stop), visit_(visit) {}

  absl::StatusOr<uint32_t> Run() {
    GRAYLING_RETURN_IF_ERROR(Grow());
    while (broken_ - kept_ > std::max(1u, kept_ / 20)) {
      GRAYLING_RETURN_IF_ERROR(Try(std::midpoint(kept_, broken_)));
    }
    return kept_;
  }

 private:
  absl::Status Grow() {
    uint32_t users = request_.first_users;
    while (true) {
      GRAYLING_RETURN_IF_ERROR(Try(users));
      if (kept_ < users) return absl::OkStatus();
      if (users == request_.most_users) {
        broken_ = users;  // nothing larger is to be tried
        return absl::OkStatus();
      }
      users = std::min(2 * users, request_.most_users);
    }
  }

  // Moves one end of the interval to `users`.
  absl::Status Try(uint32_t users) {
    for (int look = 0; look < 2; ++look) {
      GRAYLING_ASSIGN_OR_RETURN(const LoadLimitPoint point, LookAt(users));
      visit_(point);
      if (!point.broken.empty()) continue;
      kept_ = users;
      return absl::OkStatus();
    }
    broken_ = users;
    return absl::OkStatus();
  }

  absl::StatusOr<LoadLimitPoint> LookAt(uint32_t users) {
    LoadSettings settings = request_.settings;
    settings.users = users;
    GRAYLING_RETURN_IF_ERROR(load_.Start(settings));
    LoadLimitPoint point{.users = users};
    if (clock_.SleepUntil(clock_.Now() + settings.ramp_up + kSettling, stop_)) {
      point.clients = WatchClients(load_, clock_, request_.look_s, stop_);
    }
    GRAYLING_RETURN_IF_ERROR(load_.Stop());
    if (stop_.HasBeenNotified()) return absl::CancelledError("the search was called off");
    point.broken = BrokenLimits(request_.limits, point.clients);
    return point;
  }

  const LoadLimitRequest& request_;
  LoadGenerator& load_;
  Clock& clock_;
  const absl::Notification& stop_;
  const std::function<void(const LoadLimitPoint&)>& visit_;
  uint32_t kept_ = 0;
  uint32_t broken_ = 0;
};

}  // namespace

absl::StatusOr<uint32_t> FindLoadLimit(const LoadLimitRequest& request, LoadGenerator& load,
                                       Clock& clock, const absl::Notification& stop,
                                       const std::function<void(const LoadLimitPoint&)>& visit) {
  GRAYLING_RETURN_IF_ERROR(Check(request));
  return Search(request, load, clock, stop, visit).Run();
}

}  // namespace grayling
