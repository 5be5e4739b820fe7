#include "ml/core/feature_name.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

namespace grayling {
namespace {

struct KindName {
  FeatureKind kind;
  absl::string_view name;
};
constexpr KindName kKindNames[] = {
    {FeatureKind::kValue, "value"},
    {FeatureKind::kFast, "fast"},
    {FeatureKind::kShift, "shift"},
    {FeatureKind::kPeak, "peak"},
    {FeatureKind::kPeer, "peer"},
    {FeatureKind::kEdge, "edge"},
    {FeatureKind::kSlope, "slope"},
    {FeatureKind::kRatio, "ratio"},
    {FeatureKind::kEwma, "ewma"},
    {FeatureKind::kRobustZ, "robust_z"},
    {FeatureKind::kLongZ, "long_z"},
    {FeatureKind::kSinceChange, "since_change"},
    {FeatureKind::kSpread, "spread"},
    {FeatureKind::kTail, "tail"},
    {FeatureKind::kPerLoad, "per_load"},
    {FeatureKind::kResidual, "residual"},
    {FeatureKind::kLagged, "lagged"},
    {FeatureKind::kLargest, "largest"},
    {FeatureKind::kTop, "top"},
    {FeatureKind::kShare, "share"},
    {FeatureKind::kRise, "rise"},
    {FeatureKind::kSystemLargest, "system_largest"},
    {FeatureKind::kSystemTop, "system_top"},
    {FeatureKind::kSystemShare, "system_share"},
    {FeatureKind::kSystemRise, "system_rise"},
    {FeatureKind::kObservability, "observability"},
};

bool FitsKind(const FeatureSpec& feature) {
  const auto is = [&](absl::string_view word) { return feature.signal == word; };
  switch (feature.kind) {
    case FeatureKind::kLargest:
    case FeatureKind::kTop:
    case FeatureKind::kShare:
    case FeatureKind::kSystemLargest:
    case FeatureKind::kSystemTop:
    case FeatureKind::kSystemShare:
      return std::any_of(std::begin(kAggregated), std::end(kAggregated), is);
    case FeatureKind::kRise:
    case FeatureKind::kSystemRise:
      return std::any_of(std::begin(kRising), std::end(kRising), is);
    case FeatureKind::kObservability:
      return is(kObservabilityGap);
    default:
      return !feature.signal.empty();
  }
}

}  // namespace

bool IsAggregate(FeatureKind kind) { return kind >= FeatureKind::kLargest; }

std::vector<FeatureKind> SignalKinds() {
  std::vector<FeatureKind> kinds;
  for (const KindName& entry : kKindNames) {
    if (!IsAggregate(entry.kind)) kinds.push_back(entry.kind);
  }
  return kinds;
}

std::string FeatureName(const FeatureSpec& feature) {
  for (const KindName& entry : kKindNames) {
    if (entry.kind == feature.kind) return absl::StrCat(entry.name, "(", feature.signal, ")");
  }
  return feature.signal;
}

absl::StatusOr<FeatureSpec> ParseFeature(absl::string_view name) {
  for (const KindName& entry : kKindNames) {
    absl::string_view rest = name;
    if (!absl::ConsumePrefix(&rest, entry.name) || !absl::ConsumePrefix(&rest, "(") ||
        !absl::ConsumeSuffix(&rest, ")")) {
      continue;
    }
    FeatureSpec feature{entry.kind, std::string(rest)};
    if (FitsKind(feature)) return feature;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", name, "\" is no feature; write KIND(signal) with one of the kinds ",
      absl::StrJoin(
          kKindNames, ", ",
          [](std::string* out, const KindName& entry) { absl::StrAppend(out, entry.name); }),
      ", the words of an aggregate as in top(robust_z), rise(latency) or observability(gap)"));
}

}  // namespace grayling
