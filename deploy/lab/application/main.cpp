#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "deploy/lab/application/lab_service.h"

namespace {

using grayling::lab::LabService;
using grayling::lab::LabServiceOptions;

// Splits at the last `separator`; false when there is none.
bool Split(const std::string& text, char separator, std::string& before, std::string& after) {
  const size_t at = text.rfind(separator);
  if (at == std::string::npos) return false;
  before = text.substr(0, at);
  after = text.substr(at + 1);
  return true;
}

int Fail(const std::string& message) {
  std::fprintf(stderr, "grayling-lab-service: %s\n", message.c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  LabServiceOptions options;
  std::string listen = "0.0.0.0:8080";
  std::vector<std::string> upstreams;
  bool seed_only = false;
  CLI::App app("One service of Grayling's lab application, with the HTTP routes of PetClinic");
  app.add_option("--role", options.role)
      ->required()
      ->check(
          CLI::IsMember({"api-gateway", "customers-service", "visits-service", "vets-service"}));
  app.add_option("--listen", listen, "HOST:PORT, IPv4; port 0 takes a free one")
      ->capture_default_str();
  app.add_option("--data", options.data_folder, "Folder of the service's database")
      ->capture_default_str();
  app.add_option("--upstream", upstreams, "NAME=http://HOST:PORT of a service, for the gateway");
  app.add_option("--workers", options.workers, "Threads that answer requests")
      ->capture_default_str()
      ->check(CLI::Range(1, 256));
  app.add_flag("--seed-only", seed_only, "Make the database and end");
  CLI11_PARSE(app, argc, argv);

  if (seed_only) {
    const absl::Status status = grayling::lab::SeedDatabase(
        options.role, options.data_folder + "/" + options.role + ".db", options.seed);
    return status.ok() ? 0 : Fail(std::string(status.message()));
  }
  std::string port;
  if (!Split(listen, ':', options.host, port) || !absl::SimpleAtoi(port, &options.port) ||
      options.port < 0 || options.port > 65535) {
    return Fail("--listen '" + listen + "' is not HOST:PORT; use for example 0.0.0.0:8080");
  }
  for (const std::string& upstream : upstreams) {
    const size_t at = upstream.find('=');
    if (at == std::string::npos) {
      return Fail("--upstream '" + upstream + "' is not NAME=http://HOST:PORT");
    }
    options.upstreams[upstream.substr(0, at)] = upstream.substr(at + 1);
  }

  // Before any thread starts, so that all inherit the mask and only sigwait sees the signals.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  absl::StatusOr<std::unique_ptr<LabService>> service = LabService::Start(options);
  if (!service.ok()) return Fail(std::string(service.status().message()));
  std::printf("%s listens on %s:%d\n", options.role.c_str(), options.host.c_str(),
              (*service)->port());
  std::fflush(stdout);
  int received = 0;
  sigwait(&signals, &received);
  (*service)->Stop();
  return 0;
}
