#pragma once

#include <functional>
#include <string>
#include <vector>

#include "daemon/calibration/observer.h"
#include "daemon/guest/guests.h"

namespace grayling {

// Reads what an ordinary monitoring reads: health endpoints over HTTP with a time-out of 5 s, and
// in the guest /proc and the containers' cgroups. Thread-safe.
class GuestObserver final : public Observer {
 public:
  // Base URLs of the VM's services as they are reached from here: http://127.0.0.1:PORT.
  using ServiceUrls =
      std::function<absl::StatusOr<std::vector<std::string>>(const std::string& vm)>;

  // `guests` must outlive the observer.
  GuestObserver(Guests& guests, ServiceUrls urls) : guests_(guests), urls_(std::move(urls)) {}

  absl::StatusOr<ObserverReading> Read(const std::string& vm) override;

 private:
  Guests& guests_;
  const ServiceUrls urls_;
};

// Parts of /proc/stat and /proc/meminfo, for tests by themselves.
void ReadProcStat(const std::string& text, ObserverReading& reading);
void ReadMeminfo(const std::string& text, ObserverReading& reading);

}  // namespace grayling
