#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "ml/core/alignment.h"

namespace grayling {
namespace {

using Label = std::pair<std::string, std::string>;

struct SeriesText {
  absl::string_view metric;
  std::vector<Label> labels;
};

// name{a="x",b="y"} with the exposition format's escapes.
SeriesText Parse(absl::string_view series) {
  SeriesText text;
  const size_t brace = series.find('{');
  text.metric = series.substr(0, brace);
  if (brace == absl::string_view::npos) return text;
  size_t at = brace + 1;
  while (at < series.size() && series[at] != '}') {
    const size_t equals = series.find("=\"", at);
    if (equals == absl::string_view::npos) break;
    Label label(series.substr(at, equals - at), "");
    for (at = equals + 2; at < series.size() && series[at] != '"'; ++at) {
      if (series[at] == '\\' && at + 1 < series.size()) ++at;
      label.second += series[at];
    }
    text.labels.push_back(std::move(label));
    at += at + 1 < series.size() && series[at + 1] == ',' ? 2 : 1;
  }
  return text;
}

bool StartsWithAny(absl::string_view text, std::initializer_list<absl::string_view> prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [text](absl::string_view prefix) { return absl::StartsWith(text, prefix); });
}

bool EndsWithAny(absl::string_view text, std::initializer_list<absl::string_view> suffixes) {
  return std::any_of(suffixes.begin(), suffixes.end(),
                     [text](absl::string_view suffix) { return absl::EndsWith(text, suffix); });
}

bool IsOneOf(absl::string_view text, std::initializer_list<absl::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

// Labels that name an incarnation or a place, not a behaviour: they change from run to run.
bool IsIdentity(absl::string_view label) {
  return EndsWithAny(label, {"_id", "_ip", "_port", "_image", "_address"}) ||
         IsOneOf(label, {"id", "ip", "port", "pid", "tgid", "ppid", "image", "address", "uuid",
                         "hostname", "instance", "job", "target"});
}

bool IsIgnored(absl::string_view metric, bool has_service) {
  if (EndsWithAny(metric, {"_bucket", "_info", "_created", "boot_time_seconds",
                           "start_time_seconds", "timestamp_seconds"}) ||
      StartsWithAny(metric, {"scrape_", "node_scrape_", "promhttp_", "grayling_probe_",
                             "grayling_fault", "grayling_campaign_"}) ||
      IsOneOf(metric, {"up", "node_time_seconds"})) {
    return true;
  }
  return !has_service && StartsWithAny(metric, {"go_", "process_"});
}

std::string Plain(absl::string_view text) {
  std::string plain(text);
  for (char& c : plain) {
    if (!absl::ascii_isalnum(c) && !absl::StrContains("_.:*-+", c)) c = '_';
  }
  return plain;
}

}  // namespace

ColumnRule ColumnOf(absl::string_view series) {
  const SeriesText text = Parse(series);
  const auto value_of = [&text](absl::string_view name) -> absl::string_view {
    for (const Label& label : text.labels) {
      if (label.first == name) return label.second;
    }
    return "";
  };
  // Docker's own listing puts a slash before a container's name.
  absl::string_view service = absl::StripPrefix(value_of("container_name"), "/");
  const bool by_container = !service.empty();
  if (!by_container) service = value_of("service");
  const absl::string_view upstream = service.empty() ? "" : value_of("upstream");
  if (IsIgnored(text.metric, !service.empty()) || !value_of("le").empty()) return {};
  // Docker names these devices anew at every start.
  if (StartsWithAny(value_of("device"), {"veth", "br-"})) return {};

  ColumnRule rule;
  absl::string_view metric = text.metric;
  absl::string_view suffix;
  if (absl::ConsumeSuffix(&metric, "_total")) {
    rule.kind = ColumnRule::Kind::kCounter;
    suffix = "_rate";
  } else if (absl::ConsumeSuffix(&metric, "_sum")) {
    rule.kind = ColumnRule::Kind::kHistogramSum;
  } else if (absl::ConsumeSuffix(&metric, "_count")) {
    rule.kind = ColumnRule::Kind::kHistogramCount;
  } else {
    rule.kind = ColumnRule::Kind::kGauge;
  }

  std::vector<std::string> kept;
  for (const auto& [name, value] : text.labels) {
    const bool is_place = name == "container_name" || (name == "service" && !by_container) ||
                          (name == "upstream" && !upstream.empty());
    if (!is_place && !IsIdentity(name))
      kept.push_back(absl::StrCat(Plain(name), "=", Plain(value)));
  }
  if (!service.empty()) {
    rule.column = Plain(service);
    if (!upstream.empty()) absl::StrAppend(&rule.column, ">", Plain(upstream));
    rule.column += '/';
  }
  absl::StrAppend(&rule.column, metric, suffix);
  if (!kept.empty()) absl::StrAppend(&rule.column, "{", absl::StrJoin(kept, ";"), "}");
  return rule;
}

}  // namespace grayling
