#include "client/cli/scrape_arguments.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"
#include "client/cli/arguments.h"

namespace grayling {
namespace {

// The text is cut at its last '='.
absl::StatusOr<std::pair<std::string, std::string>> RegexAndName(const std::string& option,
                                                                 const std::string& text) {
  const size_t equals = text.rfind('=');
  if (equals == std::string::npos || equals == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(option, " '", text, "' is not REGEX=NAME; write it like 'old_(.*)=new_$1'"));
  }
  return std::make_pair(text.substr(0, equals), text.substr(equals + 1));
}

absl::Status AddReplace(const std::string& text, v1::ScrapeTarget& target) {
  const std::pair<std::string, std::string> cut = absl::StrSplit(text, absl::MaxSplits('=', 1));
  const std::vector<std::string> parts = absl::StrSplit(cut.second, '/');
  if (cut.first.empty() || parts.size() != 3) {
    return absl::InvalidArgumentError(
        absl::StrCat("--replace '", text,
                     "' is not LABEL=SOURCE/REGEX/REPLACEMENT; write it like "
                     "'host=instance/(.*):.*/$1'"));
  }
  v1::RelabelRule& rule = *target.add_relabel();
  rule.set_action(v1::RelabelRule::ACTION_REPLACE);
  rule.set_target_label(cut.first);
  rule.add_source_labels(parts[0]);
  rule.set_regex(parts[1]);
  rule.set_replacement(parts[2]);
  return absl::OkStatus();
}

CLI::Option* AddText(CLI::App& command, const std::string& name, const std::string& description,
                     std::function<void(const std::string&)> take) {
  return command.add_option_function<std::string>(name, std::move(take), description);
}

}  // namespace

void ScrapeArguments::AddTo(CLI::App& command) {
  command.add_flag("--gala-gopher", gala_gopher_,
                   "It is gala-gopher: a read consumes, so nothing else may scrape it");
  command.add_flag("--ignore-timestamps", ignore_timestamps_,
                   "Every sample is of the scrape's instant");
  command.add_flag_callback(
      "--honor-labels", [this] { given_.set_honor_labels(true); },
      "A scraped label wins over one of --label");
  command.add_flag_callback(
      "--track-timestamps-staleness", [this] { given_.set_track_timestamps_staleness(true); },
      "Mark the end of series that have timestamps of their own too");
  command.add_option_function<uint64_t>(
      "--body-limit", [this](uint64_t bytes) { given_.set_largest_body_bytes(bytes); },
      "Bytes of a page, unpacked (16 MiB)");
  AddRelabelOptions(command);
  AddAccessOptions(command);
}

void ScrapeArguments::AddRelabelOptions(CLI::App& command) {
  AddRepeated(command, "--keep", keep_, "Only series of this selector: {job=\"a\"}; repeatable");
  AddRepeated(command, "--drop", drop_, "No series of this selector; repeatable");
  AddRepeated(command, "--rename", rename_, "Metrics: 'old_(.*)=new_$1'; repeatable");
  AddRepeated(command, "--replace", replace_, "A label: 'host=instance/(.*):.*/$1'; repeatable");
  AddRepeated(command, "--labelmap", label_map_, "Copy labels: 'k8s_(.*)=$1'; repeatable");
  AddRepeated(command, "--labeldrop", label_drop_, "Remove labels: a regex; repeatable");
}

void ScrapeArguments::AddAccessOptions(CLI::App& command) {
  AddText(command, "--unix-socket", "Connect to this path of the daemon's machine",
          [this](const std::string& text) { given_.set_unix_socket(text); });
  AddText(command, "--ssh", "[USER@]HOST from which the url is meant; the daemon keeps an ssh -L",
          [this](const std::string& text) { given_.set_ssh_host(text); });
  CLI::Option* user = AddText(
      command, "--username", "Basic authentication",
      [this](const std::string& text) { given_.mutable_credentials()->set_username(text); });
  CLI::Option* password = AddText(
      command, "--password-file", "A file of the daemon's machine",
      [this](const std::string& text) { given_.mutable_credentials()->set_password_file(text); });
  user->needs(password);
  password->needs(user);
  AddText(command, "--bearer-token-file", "A file of the daemon's machine",
          [this](const std::string& text) {
            given_.mutable_credentials()->set_bearer_token_file(text);
          })
      ->excludes(user);
  AddText(command, "--ca-file", "Authorities to trust, PEM",
          [this](const std::string& text) { given_.mutable_tls()->set_ca_file(text); });
  AddText(command, "--cert-file", "The daemon's own certificate, PEM",
          [this](const std::string& text) { given_.mutable_tls()->set_cert_file(text); });
  AddText(command, "--key-file", "Its key, PEM",
          [this](const std::string& text) { given_.mutable_tls()->set_key_file(text); });
  AddText(command, "--server-name", "The name that the server's certificate must have",
          [this](const std::string& text) { given_.mutable_tls()->set_server_name(text); });
  command.add_flag_callback(
      "--insecure", [this] { given_.mutable_tls()->set_insecure(true); }, "Take any certificate");
}

absl::Status ScrapeArguments::Fill(v1::ScrapeTarget& target) const {
  target.MergeFrom(given_);
  if (gala_gopher_) target.set_dialect(v1::SCRAPE_DIALECT_GALA_GOPHER);
  if (ignore_timestamps_) target.set_honor_timestamps(false);
  const auto select = [&](v1::RelabelRule::Action action, const std::string& selector) {
    target.add_relabel()->set_action(action);
    target.mutable_relabel()->rbegin()->set_selector(selector);
  };
  for (const std::string& selector : keep_) select(v1::RelabelRule::ACTION_KEEP, selector);
  for (const std::string& selector : drop_) select(v1::RelabelRule::ACTION_DROP, selector);
  for (const std::string& text : rename_) {
    GRAYLING_ASSIGN_OR_RETURN(const auto rename, RegexAndName("--rename", text));
    v1::RelabelRule& rule = *target.add_relabel();
    rule.set_action(v1::RelabelRule::ACTION_REPLACE);
    rule.add_source_labels("__name__");
    rule.set_target_label("__name__");
    rule.set_regex(rename.first);
    rule.set_replacement(rename.second);
  }
  for (const std::string& text : replace_) GRAYLING_RETURN_IF_ERROR(AddReplace(text, target));
  for (const std::string& text : label_map_) {
    GRAYLING_ASSIGN_OR_RETURN(const auto map, RegexAndName("--labelmap", text));
    v1::RelabelRule& rule = *target.add_relabel();
    rule.set_action(v1::RelabelRule::ACTION_LABEL_MAP);
    rule.set_regex(map.first);
    rule.set_replacement(map.second);
  }
  for (const std::string& regex : label_drop_) {
    target.add_relabel()->set_action(v1::RelabelRule::ACTION_LABEL_DROP);
    target.mutable_relabel()->rbegin()->set_regex(regex);
  }
  return absl::OkStatus();
}

}  // namespace grayling
