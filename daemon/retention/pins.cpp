#include "daemon/retention/pins.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/proto_time.h"
#include "base/status_macros.h"
#include "grayling/v1/campaign.pb.h"

namespace grayling {
namespace {

constexpr char kCollection[] = "pins/";
constexpr char kCampaignPins[] = "pins/campaign-";
constexpr size_t kCampaigns = sizeof("campaigns/") - 1;
// Queries and features look back from a campaign's first row, and dashboards show some time around.
constexpr absl::Duration kMargin = absl::Minutes(5);

bool IsId(const std::string& id) {
  return !id.empty() && id.size() <= 63 && std::all_of(id.begin(), id.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.';
  });
}

bool IsUnderWay(const v1::Campaign& campaign) {
  return campaign.state() == v1::CAMPAIGN_STATE_RUNNING ||
         campaign.state() == v1::CAMPAIGN_STATE_PAUSED;
}

v1::Pin PinOf(const std::string& name, const v1::Campaign& campaign) {
  v1::Pin pin;
  pin.set_name(name);
  pin.set_campaign(campaign.name());
  const absl::Time start = FromProto(campaign.start_time());
  ToProto(start - kMargin, pin.mutable_start_time());
  if (!IsUnderWay(campaign)) {
    const absl::Time end =
        campaign.has_end_time()
            ? FromProto(campaign.end_time())
            : start + FromProto(campaign.planned_duration()) + FromProto(campaign.paused());
    ToProto(end + kMargin, pin.mutable_end_time());
  }
  return pin;
}

absl::Status Unreadable(const std::string& name) {
  return absl::DataLossError(absl::StrCat("the record of ", name,
                                          " cannot be read, so nothing is forgotten; restore it "
                                          "from a copy"));
}

}  // namespace

absl::StatusOr<v1::Pin> Pins::Create(const std::string& id, const v1::Pin& pin) {
  const std::string name = absl::StrCat(kCollection, id);
  if (!IsId(id)) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", id, "' is no name for a pin; use letters, digits, '-', '_' and '.'"));
  }
  if (absl::StartsWith(name, kCampaignPins)) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, " would be a campaign's own pin; choose another name"));
  }
  if (!pin.has_start_time()) {
    return absl::InvalidArgumentError(absl::StrCat(name, " needs a start_time"));
  }
  if (pin.has_end_time() && FromProto(pin.end_time()) <= FromProto(pin.start_time())) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, " ends before it starts; exchange the two"));
  }
  const absl::StatusOr<Record> known = pins_.Get(name);
  if (known.ok()) {
    return absl::AlreadyExistsError(absl::StrCat(name, " exists; choose another name"));
  }
  if (!absl::IsNotFound(known.status())) return known.status();
  v1::Pin kept = pin;
  kept.set_name(name);
  kept.clear_campaign();
  GRAYLING_RETURN_IF_ERROR(pins_.Put(name, kept.SerializeAsString(), clock_.Now()));
  return kept;
}

absl::StatusOr<std::vector<v1::Pin>> Pins::List() {
  std::vector<v1::Pin> by_hand;
  std::set<std::string> deleted;
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<Record> records, pins_.List());
  for (const Record& record : records) {
    if (record.body.empty()) {
      deleted.insert(record.name);
      continue;
    }
    v1::Pin pin;
    if (!pin.ParseFromString(record.body)) return Unreadable(record.name);
    by_hand.push_back(std::move(pin));
  }
  std::vector<v1::Pin> pins;
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<Record> campaigns, campaigns_.List());
  for (const Record& record : campaigns) {
    const std::string name = absl::StrCat(kCampaignPins, record.name.substr(kCampaigns));
    if (deleted.contains(name)) continue;
    v1::Campaign campaign;
    if (!campaign.ParseFromString(record.body)) return Unreadable(record.name);
    if (campaign.has_start_time()) pins.push_back(PinOf(name, campaign));
  }
  pins.insert(pins.end(), by_hand.begin(), by_hand.end());
  return pins;
}

absl::StatusOr<std::string> Pins::Delete(const std::string& name) {
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<v1::Pin> pins, List());
  const auto found = std::find_if(pins.begin(), pins.end(),
                                  [&](const v1::Pin& pin) { return pin.name() == name; });
  if (found == pins.end()) {
    return absl::NotFoundError(absl::StrCat("there is no ", name, "; list them first"));
  }
  if (found->campaign().empty()) {
    GRAYLING_RETURN_IF_ERROR(pins_.Delete(name));
    return std::string("its samples are kept no longer than the daemon's --retention says");
  }
  GRAYLING_RETURN_IF_ERROR(pins_.Put(name, "", clock_.Now()));
  return absl::StrCat("the recording of ", found->campaign(),
                      " is kept no longer than the daemon's --retention says; once it is "
                      "forgotten, no dataset can be made from it");
}

absl::StatusOr<std::vector<TimeRange>> Pins::Kept() {
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<v1::Pin> pins, List());
  std::vector<TimeRange> kept;
  for (const v1::Pin& pin : pins) {
    kept.push_back({FromProto(pin.start_time()),
                    pin.has_end_time() ? FromProto(pin.end_time()) : absl::InfiniteFuture()});
  }
  return kept;
}

}  // namespace grayling
