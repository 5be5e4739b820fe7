#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/calibration/calibration_run.h"
#include "tests/unit/fault/faults_fixture.h"

namespace grayling {

// A load whose clients get `good_per_second()` good answers a second, on the test's clock.
class SimulatedLoad final : public LoadGenerator {
 public:
  SimulatedLoad(Clock& clock, std::function<double()> good_per_second)
      : clock_(clock), good_per_second_(std::move(good_per_second)), last_(clock.Now()) {}

  absl::Status Start(const LoadSettings&) override { return absl::OkStatus(); }
  absl::Status Stop() override { return absl::OkStatus(); }
  LoadStatistics Statistics() override {
    answered_ += good_per_second_() * absl::ToDoubleSeconds(clock_.Now() - last_);
    last_ = clock_.Now();
    LoadStatistics statistics;
    statistics.running = is_running;
    statistics.requests = static_cast<uint64_t>(answered_);
    statistics.requests_per_second = good_per_second_();
    return statistics;
  }
  LoadSettings Settings() override { return {}; }
  LatencyHistogram Latencies() override { return {}; }

  bool is_running = true;

 private:
  Clock& clock_;
  const std::function<double()> good_per_second_;
  absl::Time last_;
  double answered_ = 0;
};

class SimulatedObserver final : public Observer {
 public:
  explicit SimulatedObserver(std::function<std::string()> complaint)
      : complaint_(std::move(complaint)) {}
  absl::StatusOr<ObserverReading> Read(const std::string&) override {
    ObserverReading reading;
    if (std::string complaint = complaint_(); !complaint.empty()) {
      reading.silent_endpoints.push_back(std::move(complaint));
    }
    return reading;
  }

 private:
  const std::function<std::string()> complaint_;
};

// A lab in which a delay of d ms costs clients d / (d + 100) of their answers.
class CalibrationTest : public FaultsTest {
 protected:
  double ActiveDelay() {
    const auto live = faults_->List(true);
    return live->empty() ? 0 : live->front().parameters.at("delay_ms");
  }
  static double LossAt(double delay_ms) { return 100 * delay_ms / (delay_ms + 100); }

  CalibrationRequest Request(std::vector<double> targets) {
    CalibrationRequest request;
    request.fault = {"network.delay", "vms/lab", "visits-service", {}, absl::ZeroDuration(), ""};
    request.slo = *ParseSlo("errors<=1%");
    request.targets_percent = std::move(targets);
    return request;
  }

  double red_from_ms_ = 1e9;  // the observer complains from this delay on
  double most_loss_ = 100;    // percent, however large the delay
  std::function<double()> noise_ = [] { return 0.0; };
  SimulatedLoad load_{
      clock_,
      [this] { return 50 * (1 - std::min(most_loss_, LossAt(ActiveDelay())) / 100) + noise_(); }};
  SimulatedObserver observer_{[this]() -> std::string {
    return ActiveDelay() >= red_from_ms_ ? "the health endpoint is silent" : "";
  }};
  CalibrationRooms rooms_{*faults_, load_, observer_, clock_};
  absl::Notification stop_;
};

}  // namespace grayling
