#include "daemon/rpc/scrape_target_message.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/proto_time.h"
#include "base/status_macros.h"

namespace grayling {
namespace {

constexpr absl::Duration kUsualPeriod = absl::Seconds(1);
constexpr absl::Duration kLongestUsualTimeout = absl::Seconds(10);

using Action = RelabelRule::Action;
constexpr std::pair<v1::RelabelRule::Action, Action> kActions[] = {
    {v1::RelabelRule::ACTION_KEEP, Action::kKeep},
    {v1::RelabelRule::ACTION_DROP, Action::kDrop},
    {v1::RelabelRule::ACTION_REPLACE, Action::kReplace},
    {v1::RelabelRule::ACTION_LABEL_MAP, Action::kLabelMap},
    {v1::RelabelRule::ACTION_LABEL_DROP, Action::kLabelDrop},
    {v1::RelabelRule::ACTION_LABEL_KEEP, Action::kLabelKeep}};

absl::StatusOr<RelabelRule> RuleOf(const v1::RelabelRule& message) {
  const auto* const found =
      std::find_if(std::begin(kActions), std::end(kActions),
                   [&](const auto& action) { return action.first == message.action(); });
  if (found == std::end(kActions)) {
    return absl::InvalidArgumentError(
        "a relabelling rule has no action; give it one, like ACTION_DROP");
  }
  RelabelRule rule;
  rule.action = found->second;
  rule.selector = message.selector();
  rule.source_labels.assign(message.source_labels().begin(), message.source_labels().end());
  if (message.has_separator()) rule.separator = message.separator();
  if (message.has_regex()) rule.regex = message.regex();
  rule.target_label = message.target_label();
  if (message.has_replacement()) rule.replacement = message.replacement();
  return rule;
}

void ToProto(const RelabelRule& rule, v1::RelabelRule& message) {
  for (const auto& [number, action] : kActions) {
    if (action == rule.action) message.set_action(number);
  }
  message.set_selector(rule.selector);
  for (const std::string& label : rule.source_labels) message.add_source_labels(label);
  message.set_separator(rule.separator);
  message.set_regex(rule.regex);
  message.set_target_label(rule.target_label);
  message.set_replacement(rule.replacement);
}

void AccessToProto(const ScrapeTargetSettings& settings, v1::ScrapeTarget& message) {
  const ScrapeCredentials& who = settings.credentials;
  if (!who.username.empty() || !who.bearer_token_file.empty()) {
    message.mutable_credentials()->set_username(who.username);
    message.mutable_credentials()->set_password_file(who.password_file);
    message.mutable_credentials()->set_bearer_token_file(who.bearer_token_file);
  }
  const ScrapeTls& tls = settings.tls;
  if (tls.insecure || !tls.ca_file.empty() || !tls.cert_file.empty() || !tls.server_name.empty()) {
    message.mutable_tls()->set_ca_file(tls.ca_file);
    message.mutable_tls()->set_cert_file(tls.cert_file);
    message.mutable_tls()->set_key_file(tls.key_file);
    message.mutable_tls()->set_server_name(tls.server_name);
    message.mutable_tls()->set_insecure(tls.insecure);
  }
}

}  // namespace

absl::StatusOr<ScrapeTargetSettings> SettingsOf(const std::string& name,
                                                const v1::ScrapeTarget& message) {
  ScrapeTargetSettings settings;
  settings.name = name;
  settings.url = message.url();
  settings.period = message.has_period() ? FromProto(message.period()) : kUsualPeriod;
  settings.timeout = message.has_timeout() ? FromProto(message.timeout())
                                           : std::min(settings.period, kLongestUsualTimeout);
  settings.labels.insert(message.labels().begin(), message.labels().end());
  settings.honor_labels = message.honor_labels();
  settings.honor_timestamps = !message.has_honor_timestamps() || message.honor_timestamps();
  settings.track_timestamps_staleness = message.track_timestamps_staleness();
  if (message.largest_body_bytes() > 0) settings.largest_body = message.largest_body_bytes();
  if (!v1::ScrapeDialect_IsValid(message.dialect())) {
    return absl::InvalidArgumentError(
        absl::StrCat("this daemon does not know the dialect ", message.dialect()));
  }
  if (message.dialect() == v1::SCRAPE_DIALECT_GALA_GOPHER)
    settings.dialect = ScrapeDialect::kGalaGopher;
  settings.unix_socket = message.unix_socket();
  settings.ssh_host = message.ssh_host();
  settings.credentials = {message.credentials().username(), message.credentials().password_file(),
                          message.credentials().bearer_token_file()};
  settings.tls = {message.tls().ca_file(), message.tls().cert_file(), message.tls().key_file(),
                  message.tls().server_name(), message.tls().insecure()};
  for (const v1::RelabelRule& rule : message.relabel()) {
    GRAYLING_ASSIGN_OR_RETURN(RelabelRule made, RuleOf(rule));
    settings.relabel.push_back(std::move(made));
  }
  return settings;
}

v1::ScrapeTarget MessageOf(const ScrapeTargetSettings& settings) {
  v1::ScrapeTarget message;
  message.set_name(settings.name);
  message.set_url(settings.url);
  ToProto(settings.period, message.mutable_period());
  ToProto(settings.timeout, message.mutable_timeout());
  message.mutable_labels()->insert(settings.labels.begin(), settings.labels.end());
  message.set_honor_labels(settings.honor_labels);
  if (!settings.honor_timestamps) message.set_honor_timestamps(false);
  message.set_track_timestamps_staleness(settings.track_timestamps_staleness);
  if (settings.largest_body != kUsualLargestBody) {
    message.set_largest_body_bytes(settings.largest_body);
  }
  if (settings.dialect == ScrapeDialect::kGalaGopher)
    message.set_dialect(v1::SCRAPE_DIALECT_GALA_GOPHER);
  message.set_unix_socket(settings.unix_socket);
  message.set_ssh_host(settings.ssh_host);
  AccessToProto(settings, message);
  for (const RelabelRule& rule : settings.relabel) ToProto(rule, *message.add_relabel());
  return message;
}

v1::ScrapeTarget MessageOf(const ScrapeTargetStatus& status) {
  v1::ScrapeTarget message = MessageOf(status.settings);
  message.set_up(status.up);
  message.set_last_error(status.last_error);
  if (status.last_scrape != absl::InfinitePast()) {
    ToProto(status.last_scrape, message.mutable_last_scrape_time());
    ToProto(status.last_duration, message.mutable_last_duration());
  }
  message.set_last_samples(status.last_samples);
  message.set_last_kept_samples(status.last_kept);
  message.set_malformed_lines(status.last_malformed_lines);
  for (const MalformedLine& line : status.first_malformed) {
    v1::MalformedLine& added = *message.add_first_malformed();
    added.set_line(line.line);
    added.set_reason(line.reason);
    added.set_text(line.text);
  }
  return message;
}

}  // namespace grayling
