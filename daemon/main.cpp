// graylingd: start-up and teardown as two readable lists.

#include <signal.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "daemon/rooms.h"
#include "daemon/settings.h"
#include "daemon/start/steps.h"

namespace grayling {
namespace {

absl::Status TakeSocket(const Settings& settings, Rooms& rooms) {
  GRAYLING_ASSIGN_OR_RETURN(rooms.socket_lock, SocketLock::Acquire(settings.socket_path));
  return absl::OkStatus();
}

// When its scrape targets are there again and before anybody can ask: a client never sees a
// campaign that nobody works on.
absl::Status TakeUpCampaigns(const Settings&, Rooms& rooms) {
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<std::string> sentences,
                            rooms.campaigns->TakeUpInterrupted());
  for (const std::string& sentence : sentences) spdlog::warn("{}", sentence);
  return absl::OkStatus();
}

absl::Status Serve(const Settings& settings, Rooms& rooms) {
  std::vector<grpc::Service*> services;
  for (const auto& adapter : rooms.adapters) services.push_back(adapter.get());
  GRAYLING_ASSIGN_OR_RETURN(rooms.server, Server::Start(settings.socket_path, services));
  return absl::OkStatus();
}

absl::Status SayReady(const Settings& settings, Rooms& rooms) {
  const size_t colon = settings.metrics_address.rfind(':');
  const std::string address =
      absl::StrCat(settings.metrics_address.substr(0, colon), ":", rooms.exporter->port());
  spdlog::info("ready: gRPC on {}, metrics on http://{}/metrics", settings.socket_path, address);
  if (settings.ready_file.empty()) return absl::OkStatus();
  std::ofstream ready(settings.ready_file);
  ready << address << "\n";
  if (rooms.ingest_server) ready << rooms.ingest_server->address() << "\n";
  return absl::OkStatus();
}

// Always runs whole, whatever start-up reached.
void TearDown(Rooms& rooms) {
  rooms.retention.reset();
  rooms.ingest_server.reset();
  StopKafka(rooms);
  if (rooms.score_feed) rooms.score_feed->Close();
  if (rooms.server) rooms.server->Stop(absl::Seconds(2));
  rooms.campaign_watch.reset();
  rooms.housekeeping.reset();
  rooms.operations.reset();
  rooms.campaigns.reset();
  rooms.calibrations.reset();
  if (rooms.load) {
    if (absl::Status stopped = rooms.load->Stop(); !stopped.ok()) {
      spdlog::error("the load did not stop: {}", std::string(stopped.message()));
    }
  }
  if (rooms.faults) {
    auto reverted = rooms.faults->RevertAll("");
    if (!reverted.ok()) {
      spdlog::error("faults were left to their own timers: {}",
                    std::string(reverted.status().message()));
    } else if (!reverted->faults.empty()) {
      spdlog::warn("reverted {} faults at the end", reverted->faults.size());
    }
  }
  if (rooms.scraper) rooms.scraper->Stop();
  if (rooms.detector) rooms.detector->Stop();
  if (rooms.samples) {
    if (absl::Status flushed = rooms.samples->Flush(); !flushed.ok()) {
      spdlog::error("the last samples could not be saved: {}", std::string(flushed.message()));
    }
  }
}

struct Step {
  const char* name;
  std::function<absl::Status(const Settings&, Rooms&)> run;
};

int Main(int argc, char** argv) {
  const Settings settings = ParseSettings(argc, argv);
  spdlog::set_default_logger(spdlog::stderr_logger_mt("graylingd"));
  spdlog::set_level(spdlog::level::from_str(settings.log_level));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %v");

  // Before the first thread, so that all threads inherit it and only sigwait sees these signals.
  sigset_t signals;
  sigemptyset(&signals);
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);

  const std::vector<Step> start_up = {
      {"take the socket", TakeSocket},
      {"open the stores", OpenStores},
      {"open the metrics", OpenMetrics},
      {"open the ways in for samples", OpenIngest},
      {"reach the hypervisor", OpenHypervisor},
      {"reach Grafana", ReachGrafana},
      {"recover faults", RecoverFaults},
      {"open campaigns and load", OpenCampaigns},
      {"start the workers", StartWorkers},
      {"open the services", OpenServices},
      {"take campaigns up again", TakeUpCampaigns},
      {"serve", Serve},
      {"take samples from others", ServeIngest},
      {"say that it is ready", SayReady},
  };

  Rooms rooms;
  int exit_code = 0;
  for (const Step& step : start_up) {
    if (absl::Status status = step.run(settings, rooms); !status.ok()) {
      spdlog::error("could not {}: {}", step.name, std::string(status.message()));
      exit_code = 1;
      break;
    }
  }
  if (exit_code == 0) {
    int received = 0;
    sigwait(&signals, &received);
    spdlog::info("stopping on signal {}", received);
  }
  TearDown(rooms);
  return exit_code;
}

}  // namespace
}  // namespace grayling

int main(int argc, char** argv) { return grayling::Main(argc, argv); }
