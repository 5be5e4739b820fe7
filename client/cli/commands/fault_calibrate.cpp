#include "client/cli/commands/commands.h"

#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "base/proto_time.h"
#include "client/cli/arguments.h"
#include "client/cli/dispatch.h"
#include "client/cli/fault_arguments.h"
#include "client/cli/interrupt_watch.h"
#include "client/cli/output/tables.h"
#include "client/cli/progress_line.h"
#include "grayling/v1/calibration.grpc.pb.h"

namespace grayling {
namespace {

constexpr absl::Duration kPoll = absl::Seconds(1);
// Stopping reverts a fault in a guest that may be slow.
constexpr absl::Duration kStopDeadline = absl::Minutes(2);

struct Options {
  FaultArguments fault;
  std::string slo = "errors<=1%";
  std::vector<double> targets;
  absl::Duration look = absl::Seconds(10);
};

v1::StartCalibrationRequest RequestOf(const Options& options) {
  v1::StartCalibrationRequest request;
  *request.mutable_spec() = SpecOf(options.fault);
  request.set_slo(options.slo);
  request.mutable_targets_percent()->Assign(options.targets.begin(), options.targets.end());
  ToProto(options.look, request.mutable_look_duration());
  return request;
}

absl::StatusOr<v1::Calibration> Follow(Session& session, v1::Calibration calibration,
                                       const absl::Notification& interrupted) {
  ProgressLine progress(session.err(), session.err_is_terminal());
  progress.Say(absl::StrCat("started ", calibration.name(), "; Ctrl-C stops it"));
  while (calibration.state() == "running") {
    progress.SetText(calibration.progress());
    if (interrupted.WaitForNotificationWithTimeout(kPoll)) {
      progress.Say("asking the daemon to stop and to revert its fault");
      v1::StopCalibrationRequest stop;
      stop.set_name(calibration.name());
      return Call<v1::CalibrationService>(session, &v1::CalibrationService::Stub::StopCalibration,
                                          stop, kStopDeadline);
    }
    v1::GetCalibrationRequest get;
    get.set_name(calibration.name());
    auto now =
        Call<v1::CalibrationService>(session, &v1::CalibrationService::Stub::GetCalibration, get);
    if (!now.ok()) return now.status();
    calibration = *std::move(now);
  }
  return calibration;
}

absl::Status Run(const Options& options, Session& session) {
  absl::Notification interrupted;
  const InterruptWatch watch([&interrupted] { interrupted.Notify(); });
  auto started = Call<v1::CalibrationService>(
      session, &v1::CalibrationService::Stub::StartCalibration, RequestOf(options));
  if (!started.ok()) return started.status();
  const auto ended = Follow(session, *std::move(started), interrupted);
  if (!ended.ok()) return ended.status();
  session.Print(*ended, TableOf(*ended));
  if (ended->state() == "done") return absl::OkStatus();
  return absl::AbortedError(absl::StrCat(ended->name(), " ", ended->state()));
}

}  // namespace

void AddFaultCalibrate(CLI::App& group, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* command = group.add_subcommand("calibrate",
                                           "Find the intensities at which clients suffer by chosen "
                                           "amounts while the observer still says "
                                           "healthy, under the load that runs now");
  AddFaultArguments(*command, options->fault,
                    "A parameter (not the intensity) or an option of the kind; repeatable");
  command->add_option("--slo", options->slo, "What clients were promised: p95<=200ms,errors<=1%")
      ->capture_default_str();
  command
      ->add_option("--target", options->targets,
                   "How much clients shall lose, in percent of their good answers a second; "
                   "repeatable (default 5, 10, 20, 35, 50)")
      ->delimiter(',');
  AddDuration(*command, "--look", options->look, "How long each intensity is looked at")
      ->default_str("10s");
  RunWhenNamed(*command, invocation, options, &Run);
}

}  // namespace grayling
