#include "daemon/calibration/calibrations.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/proto_time.h"
#include "base/status_macros.h"
#include "daemon/fault/catalogue.h"

namespace grayling {
namespace {

constexpr double kLeastTarget = 1;
constexpr double kLargestTarget = 90;
constexpr double kSameTarget = 0.5;  // percent

absl::StatusOr<v1::Calibration> Decode(const Record& record) {
  v1::Calibration calibration;
  if (calibration.ParseFromString(record.body)) return calibration;
  return absl::DataLossError(absl::StrCat("the stored record of ", record.name,
                                          " cannot be read; it may be of another version"));
}

absl::Status CheckTargets(const std::vector<double>& targets) {
  for (const double target : targets) {
    if (target >= kLeastTarget && target <= kLargestTarget) continue;
    return absl::InvalidArgumentError(absl::StrCat("a target is a loss of clients in percent, ",
                                                   kLeastTarget, " to ", kLargestTarget, ", not ",
                                                   target));
  }
  return absl::OkStatus();
}

absl::Status Check(const CalibrationRequest& request) {
  GRAYLING_ASSIGN_OR_RETURN(const FaultKind* kind, FindFaultKind(request.fault.kind));
  if (kind->Intensity() == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(
        request.fault.kind, " is on or off: it has no intensity that could be calibrated"));
  }
  const std::string& intensity = kind->Intensity()->name;
  if (request.fault.parameters.count(intensity) > 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(intensity, " is what is looked for; leave it away"));
  }
  GRAYLING_RETURN_IF_ERROR(
      CompleteValues(*kind, {request.fault.parameters, request.fault.options}).status());
  if (request.look_s < 2 || request.look_s > 600) {
    return absl::InvalidArgumentError("each intensity must be looked at for 2 to 600 s");
  }
  return CheckTargets(request.targets_percent);
}

}  // namespace

Calibrations::Calibrations(CalibrationRooms rooms, RecordStore& records)
    : rooms_(rooms), records_(records) {}

Calibrations::~Calibrations() {
  absl::MutexLock lock(&mutex_);
  if (job_ != nullptr && !job_->stop.HasBeenNotified()) job_->stop.Notify();
  if (thread_.joinable()) thread_.join();
}

void Calibrations::Save(const v1::Calibration& record) {
  const absl::Status stored =
      records_.Put(record.name(), record.SerializeAsString(), rooms_.clock.Now());
  if (!stored.ok()) spdlog::error("{}: {}", record.name(), std::string(stored.message()));
}

absl::StatusOr<v1::Calibration> Calibrations::Start(CalibrationRequest request,
                                                    const v1::FaultSpec& spec) {
  if (request.targets_percent.empty()) request.targets_percent = {5, 10, 20, 35, 50};
  std::sort(request.targets_percent.begin(), request.targets_percent.end());
  GRAYLING_RETURN_IF_ERROR(Check(request));
  if (!rooms_.load.Statistics().running) {
    return absl::FailedPreconditionError(
        "no load runs, so no client could suffer; start one with `grayling load start`");
  }
  absl::MutexLock lock(&mutex_);
  if (job_ != nullptr && !job_->done.HasBeenNotified()) {
    return absl::FailedPreconditionError(
        absl::StrCat(job_->name, " runs; wait for its end or stop it"));
  }
  if (thread_.joinable()) thread_.join();  // it has said its last word already
  GRAYLING_ASSIGN_OR_RETURN(const int64_t number, records_.NextNumber());
  v1::Calibration record;
  record.set_name(absl::StrCat("calibrations/", number));
  *record.mutable_spec() = spec;
  record.set_slo(request.slo.text);
  ToProto(rooms_.clock.Now(), record.mutable_create_time());
  record.set_state("running");
  GRAYLING_RETURN_IF_ERROR(
      records_.Put(record.name(), record.SerializeAsString(), rooms_.clock.Now()));
  job_ = std::make_shared<Job>();
  job_->name = record.name();
  thread_ = std::thread([this, job = job_, request = std::move(request), record] {
    CalibrationRun run(rooms_, request, record,
                       [this](const v1::Calibration& changed) { Save(changed); });
    run.Execute(job->stop);
    job->done.Notify();
  });
  return record;
}

absl::StatusOr<v1::Calibration> Calibrations::Stop(const std::string& name) {
  std::shared_ptr<Job> job;
  {
    absl::MutexLock lock(&mutex_);
    if (job_ != nullptr && job_->name == name) {
      job = job_;
      if (!job->stop.HasBeenNotified()) job->stop.Notify();
    }
  }
  if (job != nullptr) job->done.WaitForNotification();
  return Get(name);
}

absl::StatusOr<v1::Calibration> Calibrations::Get(const std::string& name) {
  GRAYLING_ASSIGN_OR_RETURN(const Record record, records_.Get(name));
  return Decode(record);
}

absl::StatusOr<std::vector<v1::Calibration>> Calibrations::List() {
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<Record> records, records_.List());
  std::vector<v1::Calibration> calibrations;
  for (auto record = records.rbegin(); record != records.rend(); ++record) {
    absl::StatusOr<v1::Calibration> calibration = Decode(*record);
    if (calibration.ok()) {
      calibrations.push_back(*std::move(calibration));
    } else {
      spdlog::error("{}", std::string(calibration.status().message()));
    }
  }
  return calibrations;
}

std::optional<std::string> Calibrations::Running() {
  absl::MutexLock lock(&mutex_);
  if (job_ == nullptr || job_->done.HasBeenNotified()) return std::nullopt;
  return job_->name;
}

absl::StatusOr<double> Calibrations::IntensityFor(const std::string& vm, const std::string& kind,
                                                  const std::string& service,
                                                  double target_percent) {
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<v1::Calibration> all, List());
  for (const v1::Calibration& calibration : all) {
    const v1::FaultSpec& spec = calibration.spec();
    if (spec.vm() != vm || spec.kind() != kind || spec.service() != service) continue;
    for (const v1::CalibratedTarget& target : calibration.targets()) {
      const bool is_it = std::abs(target.target_percent() - target_percent) <= kSameTarget;
      if (is_it && target.found()) return target.intensity();
    }
  }
  return absl::NotFoundError(absl::StrCat(
      "no calibration has found where ", kind, " on ", service.empty() ? vm : service,
      " costs clients ", target_percent, " %; run under the plan's load: grayling fault calibrate ",
      kind, " --vm ", vm, service.empty() ? "" : absl::StrCat(" --service ", service), " --target ",
      target_percent));
}

absl::Status Calibrations::FailInterrupted() {
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<v1::Calibration> all, List());
  for (v1::Calibration calibration : all) {
    if (calibration.state() != "running") continue;
    calibration.set_state("failed: the daemon stopped during it");
    calibration.clear_progress();
    Save(calibration);
  }
  return absl::OkStatus();
}

}  // namespace grayling
