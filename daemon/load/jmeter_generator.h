#pragma once

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "daemon/load/jmeter_run.h"
#include "daemon/load/load_generator.h"

namespace grayling {

// Where JMeter is, and where its runs leave their files.
struct JmeterPlace {
  std::string home;         // has bin/ApacheJMeter.jar
  std::string runs_folder;  // made when missing; the newest ten runs are kept
  std::string java = {};    // the program's path; empty: the first of $PATH
};

// Load by Apache JMeter 5 without its window, any plan. What the clients see is read from JMeter's
// results while they grow; a load whose results have no sample failed, whatever its exit code.
// Thread-safe.
//
// The process has the rights of the daemon, and a plan may run programs: whoever may start a load
// may do what the daemon may.
class JmeterGenerator final : public LoadGenerator {
 public:
  // `report` may be empty. `clock` must outlive the generator.
  JmeterGenerator(JmeterPlace place, Clock& clock, LoadReport report);
  ~JmeterGenerator() override;

  // Returns with the first sample (a few seconds), or after 25 s without one while JMeter still
  // runs. FAILED_PRECONDITION when Java, JMeter or the plan is missing, or when JMeter ended before
  // its first sample; CANCELLED when Stop() came before it.
  absl::Status Start(const LoadSettings& settings) override;
  // Takes up to 10 s, most often 2.
  absl::Status Stop() override;
  // After the end: the totals of the load that ended.
  LoadStatistics Statistics() override;
  LoadSettings Settings() override;
  LatencyHistogram Latencies() override;

 private:
  absl::StatusOr<JmeterFiles> MakeRunFolder();
  std::shared_ptr<JmeterRun> Run();

  const JmeterPlace place_;
  Clock& clock_;
  const LoadReport report_;
  absl::Mutex mutex_;
  std::shared_ptr<JmeterRun> run_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace grayling
