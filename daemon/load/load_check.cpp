#include "daemon/load/load_check.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/load/petclinic_behaviour.h"
#include "daemon/load/templated_behaviour.h"

namespace grayling {

absl::Status CheckLoadSettings(const LoadSettings& settings) {
  const std::string& url = settings.base_url;
  if (!absl::StartsWith(url, "http://") && !absl::StartsWith(url, "https://")) {
    return absl::InvalidArgumentError(absl::StrCat(
        "load base_url '", url, "' is not an HTTP address; write http://127.0.0.1:PORT"));
  }
  if (absl::EndsWith(url, "/")) {
    return absl::InvalidArgumentError(
        absl::StrCat("load base_url '", url, "' ends with a slash; leave it out"));
  }
  const bool open = settings.model == LoadModel::kOpen;
  if (open && !(settings.rate > 0 && settings.rate <= kHighestRate)) {
    return absl::InvalidArgumentError(absl::StrCat("load rate is ", settings.rate,
                                                   "; it must be above 0 and at most ",
                                                   kHighestRate, " requests per second"));
  }
  if (open && (settings.most_in_flight < 1 || settings.most_in_flight > kMostUsers)) {
    return absl::InvalidArgumentError(absl::StrCat("load most_in_flight is ",
                                                   settings.most_in_flight,
                                                   "; it must be between 1 and ", kMostUsers));
  }
  if (!open && (settings.users < 1 || settings.users > kMostUsers)) {
    return absl::InvalidArgumentError(
        absl::StrCat("load users is ", settings.users, "; it must be between 1 and ", kMostUsers));
  }
  const absl::Duration none = absl::ZeroDuration();
  const absl::Duration longest = absl::Hours(1);
  for (const absl::Duration time :
       {settings.think_time_mean, settings.think_time_deviation, settings.ramp_up}) {
    if (time < none || time > longest) {
      return absl::InvalidArgumentError(
          "load think time and ramp-up must lie between 0 and one hour");
    }
  }
  if (settings.request_timeout < absl::Milliseconds(1) || settings.request_timeout > longest) {
    return absl::InvalidArgumentError(
        "load request_timeout must lie between one millisecond and one hour");
  }
  return absl::OkStatus();
}

absl::StatusOr<LoadMix> MixOf(const LoadSettings& settings) {
  return settings.own_mix.empty() ? PetclinicMix(settings.mix) : PrepareMix(settings.own_mix);
}

}  // namespace grayling
