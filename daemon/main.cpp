// graylingd: start-up and teardown as two readable lists. The only file that names concrete
// backends.

#include <signal.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "daemon/calibration/guest_observer.h"
#include "daemon/fault/blade_injector.h"
#include "daemon/fault/probe_injector.h"
#include "daemon/fault/vm_injector.h"
#include "daemon/load/closed_loop_generator.h"
#include "daemon/metrics/sqlite_sample_store.h"
#include "daemon/rooms.h"
#include "daemon/rpc/calibration_service.h"
#include "daemon/rpc/campaign_service.h"
#include "daemon/rpc/dataset_service.h"
#include "daemon/rpc/detector_service.h"
#include "daemon/rpc/fault_service.h"
#include "daemon/rpc/load_service.h"
#include "daemon/rpc/metric_service.h"
#include "daemon/rpc/model_service.h"
#include "daemon/rpc/operation_service.h"
#include "daemon/rpc/target_service.h"
#include "daemon/rpc/vm_service.h"
#include "daemon/settings.h"
#include "daemon/vm/libvirt_hypervisor.h"

namespace grayling {
namespace {

absl::Status TakeSocket(const Settings& settings, Rooms& rooms) {
  GRAYLING_ASSIGN_OR_RETURN(rooms.socket_lock, SocketLock::Acquire(settings.socket_path));
  return absl::OkStatus();
}

absl::Status OpenStores(const Settings& settings, Rooms& rooms) {
  std::error_code error;
  std::filesystem::create_directories(settings.state_directory, error);
  if (error) {
    return absl::FailedPreconditionError(absl::StrCat("cannot make the state folder ",
                                                      settings.state_directory, ": ",
                                                      error.message(), "; choose another --state"));
  }
  GRAYLING_ASSIGN_OR_RETURN(rooms.database,
                            Database::Open(settings.state_directory + "/grayling.db"));
  rooms.journal = std::make_unique<FaultJournal>(*rooms.database);
  rooms.events = std::make_unique<EventLog>(*rooms.database);
  rooms.model_activations = std::make_unique<ModelActivations>(*rooms.database);
  auto collection = [&rooms](const char* name) {
    return std::make_unique<RecordStore>(*rooms.database, name);
  };
  rooms.vm_records = collection("vms");
  rooms.target_records = collection("scrape_targets");
  rooms.campaign_records = collection("campaigns");
  rooms.calibration_records = collection("calibrations");
  rooms.model_records = collection("models");
  rooms.alarm_records = collection("alarms");
  GRAYLING_ASSIGN_OR_RETURN(rooms.samples,
                            SqliteSampleStore::Open(settings.state_directory + "/samples.db"));
  return absl::OkStatus();
}

absl::Status OpenMetrics(const Settings& settings, Rooms& rooms) {
  GRAYLING_ASSIGN_OR_RETURN(rooms.exporter,
                            DaemonExporter::Open(settings.metrics_address, GRAYLING_VERSION));
  rooms.alarms = std::make_unique<AlarmLog>(*rooms.alarm_records);
  GRAYLING_RETURN_IF_ERROR(rooms.alarms->EndLeftOver(rooms.clock.Now()));
  rooms.score_feed = std::make_unique<ScoreFeed>();
  rooms.detector =
      std::make_unique<LiveDetector>(*rooms.samples, *rooms.alarms, *rooms.score_feed, rooms.clock);
  rooms.models = std::make_unique<Models>(*rooms.model_records, *rooms.model_activations,
                                          *rooms.detector, rooms.clock);
  if (absl::Status restored = rooms.models->Restore(); !restored.ok()) {
    spdlog::error("the active model could not be restored: {}", std::string(restored.message()));
  }
  const std::vector<BatchListener*> listeners = {rooms.detector.get(), rooms.exporter.get()};
  rooms.scraper = std::make_unique<Scraper>(*rooms.samples, listeners, rooms.exporter.get());
  rooms.load_recorder = std::make_unique<LoadRecorder>(*rooms.samples, listeners);
  return absl::OkStatus();
}

absl::Status OpenHypervisor(const Settings& settings, Rooms& rooms) {
  rooms.hypervisor = std::make_unique<LibvirtHypervisor>(settings.libvirt_uri);
  if (auto described = rooms.hypervisor->Describe(); described.ok()) {
    spdlog::info("hypervisor: {}", *described);
  } else {
    spdlog::warn("no hypervisor yet: {}", std::string(described.status().message()));
  }
  rooms.vms = std::make_unique<Vms>(*rooms.hypervisor, *rooms.vm_records, rooms.clock);
  rooms.guests = std::make_unique<AgentGuests>(*rooms.hypervisor);
  return absl::OkStatus();
}

// Never on the command line, where everybody could read it.
absl::StatusOr<std::string> GrafanaToken(const Settings& settings) {
  if (settings.grafana_token_file.empty()) {
    const char* token = std::getenv("GRAYLING_GRAFANA_TOKEN");
    return std::string(token == nullptr ? "" : token);
  }
  std::ifstream file(settings.grafana_token_file);
  std::string token;
  if (!std::getline(file, token) || token.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "--grafana-token-file ", settings.grafana_token_file, " cannot be read or is empty"));
  }
  return std::string(absl::StripAsciiWhitespace(token));
}

absl::Status ReachGrafana(const Settings& settings, Rooms& rooms) {
  if (settings.grafana_url.empty()) return absl::OkStatus();
  if (!absl::StartsWith(settings.grafana_url, "http://") &&
      !absl::StartsWith(settings.grafana_url, "https://")) {
    return absl::InvalidArgumentError(absl::StrCat("--grafana-url ", settings.grafana_url,
                                                   " is no HTTP address; write "
                                                   "http://127.0.0.1:3000"));
  }
  GRAYLING_ASSIGN_OR_RETURN(const std::string token, GrafanaToken(settings));
  rooms.grafana = std::make_unique<GrafanaClient>(
      std::string(absl::StripSuffix(settings.grafana_url, "/")), token, absl::Seconds(5));
  rooms.annotations = std::make_unique<GrafanaAnnotations>(*rooms.grafana, rooms.clock);
  return absl::OkStatus();
}

std::string VmFaultPath(const Settings& settings) {
  if (!settings.vmfault_path.empty()) return settings.vmfault_path;
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? "grayling-vmfault" : (self.parent_path() / "grayling-vmfault").string();
}

absl::Status RecoverFaults(const Settings& settings, Rooms& rooms) {
  std::vector<std::unique_ptr<Injector>> injectors;
  injectors.push_back(std::make_unique<ProbeInjector>(*rooms.guests));
  injectors.push_back(std::make_unique<BladeInjector>(*rooms.guests, settings.blade_path));
  injectors.push_back(std::make_unique<VmInjector>(
      rooms.host,
      VmFaultTool{VmFaultPath(settings), settings.libvirt_uri, settings.vmfault_marks}));
  rooms.faults =
      std::make_unique<Faults>(*rooms.journal, *rooms.events, *rooms.guests, std::move(injectors),
                               rooms.clock, rooms.annotations.get());
  for (const std::string& sentence : rooms.faults->Recover()) spdlog::warn("{}", sentence);
  return absl::OkStatus();
}

absl::StatusOr<std::string> ForwardUrl(Vms& vms, const std::string& vm, uint16_t guest_port) {
  GRAYLING_ASSIGN_OR_RETURN(const VmDefinition definition, vms.Find(vm));
  for (const PortForward& forward : definition.forwards) {
    if (forward.guest_port == guest_port) {
      return absl::StrCat("http://127.0.0.1:", forward.host_port);
    }
  }
  return absl::NotFoundError(absl::StrCat(vm, " does not forward its port ", guest_port,
                                          "; define it with --forward ", guest_port));
}

absl::StatusOr<std::vector<std::string>> ScrapeTargetNames(Scraper& scraper) {
  std::vector<std::string> names;
  for (const ScrapeTargetStatus& target : scraper.List()) names.push_back(target.settings.name);
  return names;
}

// Where the VM's services answer from here: the base of each scraped URL that carries a service's
// label and goes through one of the VM's forwards.
absl::StatusOr<std::vector<std::string>> ServiceUrls(Scraper& scraper, Vms& vms,
                                                     const std::string& vm) {
  GRAYLING_ASSIGN_OR_RETURN(const VmDefinition definition, vms.Find(vm));
  std::vector<std::string> urls;
  for (const ScrapeTargetStatus& target : scraper.List()) {
    if (target.settings.labels.count("service") == 0) continue;
    for (const PortForward& forward : definition.forwards) {
      const std::string base = absl::StrCat("http://127.0.0.1:", forward.host_port);
      if (absl::StartsWith(target.settings.url, base + "/")) urls.push_back(base);
    }
  }
  return urls;
}

double DiskFreeMib(const std::string& folder) {
  std::error_code error;
  const std::filesystem::space_info space = std::filesystem::space(folder, error);
  if (error) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(space.available) / (1 << 20);
}

absl::Status OpenCampaigns(const Settings& settings, Rooms& rooms) {
  LoadRecorder& recorder = *rooms.load_recorder;
  rooms.load = std::make_unique<ClosedLoopGenerator>(
      rooms.clock, [&recorder](absl::Time time, absl::Span<const LoadSample> samples) {
        recorder.Record(time, samples);
      });
  rooms.observer = std::make_unique<GuestObserver>(
      *rooms.guests, [&scraper = *rooms.scraper, &vms = *rooms.vms](const std::string& vm) {
        return ServiceUrls(scraper, vms, vm);
      });
  rooms.calibrations = std::make_unique<Calibrations>(
      CalibrationRooms{*rooms.faults, *rooms.load, *rooms.observer, rooms.clock},
      *rooms.calibration_records);
  GRAYLING_RETURN_IF_ERROR(rooms.calibrations->FailInterrupted());
  CampaignSurroundings surroundings;
  surroundings.forward_url = [&vms = *rooms.vms](const std::string& vm, uint16_t port) {
    return ForwardUrl(vms, vm, port);
  };
  surroundings.scrape_targets = [&scraper = *rooms.scraper] { return ScrapeTargetNames(scraper); };
  surroundings.gray_intensity = [&calibrations = *rooms.calibrations](
                                    const std::string& vm, const std::string& kind,
                                    const std::string& service, double target_percent) {
    return calibrations.IntensityFor(vm, kind, service, target_percent);
  };
  surroundings.disk_free_mib = [folder = settings.state_directory] { return DiskFreeMib(folder); };
  if (rooms.annotations != nullptr) {
    surroundings.annotate = [&annotations = *rooms.annotations](const std::string& campaign) {
      annotations.AddCampaign(campaign);
    };
  }
  rooms.campaigns = std::make_unique<Campaigns>(
      CampaignRooms{*rooms.campaign_records, *rooms.events, *rooms.faults, *rooms.load, rooms.clock,
                    *rooms.guests},
      std::move(surroundings));
  return absl::OkStatus();
}

absl::Status StartWorkers(const Settings&, Rooms& rooms) {
  GRAYLING_RETURN_IF_ERROR(rooms.scraper->Start());
  rooms.detector->Start();
  rooms.operations = std::make_unique<Operations>(rooms.clock);
  rooms.housekeeping = std::make_unique<Housekeeping>(
      *rooms.faults, *rooms.campaigns, *rooms.load, *rooms.detector, *rooms.exporter, rooms.clock);
  rooms.fault_series = std::make_unique<FaultSeries>(
      *rooms.faults, *rooms.samples, std::vector<BatchListener*>{rooms.exporter.get()},
      *rooms.exporter, rooms.clock);
  rooms.campaign_watch =
      std::make_unique<CampaignWatch>(*rooms.campaigns, *rooms.fault_series, rooms.clock);
  return absl::OkStatus();
}

absl::Status OpenServices(const Settings&, Rooms& rooms) {
  auto add = [&rooms](std::unique_ptr<grpc::Service> adapter) {
    rooms.adapters.push_back(std::move(adapter));
  };
  add(std::make_unique<VmServiceAdapter>(*rooms.vms, *rooms.guests, *rooms.operations));
  add(std::make_unique<OperationServiceAdapter>(*rooms.operations));
  add(std::make_unique<TargetServiceAdapter>(*rooms.guests));
  add(std::make_unique<FaultServiceAdapter>(
      *rooms.faults,
      [&campaigns = *rooms.campaigns](const std::string& vm) { return campaigns.RunningIn(vm); }));
  add(std::make_unique<CalibrationServiceAdapter>(
      *rooms.calibrations,
      [&campaigns = *rooms.campaigns](const std::string& vm) { return campaigns.RunningIn(vm); }));
  add(std::make_unique<CampaignServiceAdapter>(*rooms.campaigns, *rooms.load));
  add(std::make_unique<LoadServiceAdapter>(
      *rooms.load, [&campaigns = *rooms.campaigns]() -> std::optional<std::string> {
        const std::optional<v1::Campaign> running = campaigns.Running();
        if (!running.has_value()) return std::nullopt;
        return running->name();
      }));
  auto metrics = std::make_unique<MetricServiceAdapter>(*rooms.scraper, *rooms.samples,
                                                        *rooms.target_records, rooms.clock);
  if (absl::Status restored = metrics->RestoreTargets(); !restored.ok()) {
    spdlog::error("a scrape target was not restored: {}", std::string(restored.message()));
  }
  add(std::move(metrics));
  add(std::make_unique<DatasetServiceAdapter>(*rooms.campaign_records, *rooms.samples));
  add(std::make_unique<ModelServiceAdapter>(*rooms.models));
  add(std::make_unique<DetectorServiceAdapter>(*rooms.score_feed, *rooms.alarms));
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
  std::ofstream(settings.ready_file) << address << "\n";
  return absl::OkStatus();
}

// Always runs whole, whatever start-up reached.
void TearDown(Rooms& rooms) {
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
      {"reach the hypervisor", OpenHypervisor},
      {"reach Grafana", ReachGrafana},
      {"recover faults", RecoverFaults},
      {"open campaigns and load", OpenCampaigns},
      {"start the workers", StartWorkers},
      {"open the services", OpenServices},
      {"take campaigns up again", TakeUpCampaigns},
      {"serve", Serve},
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
