#include "client/cli/commands/commands.h"

#include <memory>
#include <optional>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/proto_time.h"
#include "client/cli/arguments.h"
#include "client/cli/dispatch.h"
#include "client/cli/output/cells.h"
#include "client/cli/output/document.h"
#include "client/cli/output/tables.h"
#include "grayling/v1/detector.grpc.pb.h"

namespace grayling {
namespace {

constexpr absl::Duration kPoll = absl::Milliseconds(250);

struct Options {
  absl::Time after = absl::InfinitePast();
  absl::Duration timeout = absl::Minutes(5);
};

absl::StatusOr<std::optional<v1::Alarm>> FirstAlarmAfter(absl::Time after, Session& session) {
  auto all = CallAllPages<v1::DetectorService>(session, &v1::DetectorService::Stub::ListAlarms,
                                               v1::ListAlarmsRequest());
  if (!all.ok()) return all.status();
  std::optional<v1::Alarm> first;
  for (const v1::Alarm& alarm : all->alarms()) {
    const absl::Time start = FromProto(alarm.start_time());
    if (start < after) continue;
    if (!first.has_value() || start < FromProto(first->start_time())) first = alarm;
  }
  return first;
}

// The bare number for people and shells; the alarm beside it for programs.
void Show(const v1::Alarm& alarm, absl::Duration delay, Session& session) {
  const std::string seconds = absl::StrFormat("%.3f", absl::ToDoubleSeconds(delay));
  nlohmann::ordered_json document = {{"seconds", absl::ToDoubleSeconds(delay)},
                                     {"alarm", DocumentOf(alarm)}};
  switch (session.format()) {
    case OutputFormat::kTable:
      session.out() << seconds << "\n";
      break;
    case OutputFormat::kCsv:
      session.out() << RenderCsvLine({"seconds", "alarm", "service"})
                    << RenderCsvLine({seconds, alarm.name(), alarm.service()});
      break;
    case OutputFormat::kJson:
      session.out() << RenderJson(document);
      break;
    case OutputFormat::kYaml:
      session.out() << RenderYaml(document);
      break;
  }
  session.out().flush();
}

absl::Status Run(const Options& options, Session& session) {
  const absl::Time asked = absl::Now();
  const absl::Time after = options.after == absl::InfinitePast() ? asked : options.after;
  while (true) {
    const auto alarm = FirstAlarmAfter(after, session);
    if (!alarm.ok()) return alarm.status();
    if (alarm->has_value()) {
      Show(**alarm, FromProto((*alarm)->start_time()) - after, session);
      return absl::OkStatus();
    }
    if (absl::Now() - asked >= options.timeout) {
      return absl::NotFoundError(
          absl::StrCat("no alarm began within ", absl::FormatDuration(options.timeout)));
    }
    absl::SleepFor(kPoll);
  }
}

}  // namespace

void AddDetectWaitAlarm(CLI::App& group, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* command = group.add_subcommand(
      "wait-alarm", "Wait for the first alarm that begins after an instant; prints the seconds");
  AddInstant(*command, "--after", options->after, "The instant; now by default");
  AddDuration(*command, "--timeout", options->timeout, "How long to wait, from now on");
  RunWhenNamed(*command, invocation, options, &Run);
}

}  // namespace grayling
