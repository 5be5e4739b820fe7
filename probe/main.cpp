#include <signal.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdio>
#include <string>

#include "probe/containers/container_finder.h"
#include "probe/exporter/metrics_server.h"
#include "probe/fault/fault_command.h"
#include "probe/fault/fault_revert.h"
#include "probe/fault/stray_effects.h"

namespace grayling::probe {
namespace {

int RunContainers(const std::string& docker_socket) {
  Result<std::vector<Container>> containers = ContainerFinder(docker_socket).Find();
  if (!containers.ok()) {
    std::fprintf(stderr, "%s\n", containers.error().sentence.c_str());
    return 1;
  }
  std::printf("%s\n", ContainersJson(*containers).c_str());
  return 0;
}

int RunClock() {
  std::printf("%lld\n", static_cast<long long>(RealtimeNs()));
  return 0;
}

int RunServe(const std::string& listen, const std::string& docker_socket,
             const FaultSettings& faults) {
  const std::size_t colon = listen.rfind(':');
  int port = -1;
  if (colon != std::string::npos) {
    const char* end = listen.data() + listen.size();
    const auto [stop, error] = std::from_chars(listen.data() + colon + 1, end, port);
    if (error != std::errc() || stop != end) port = -1;
  }
  if (port < 0 || port > 65535) {
    std::fprintf(stderr, "--listen wants ADDRESS:PORT, not '%s'\n", listen.c_str());
    return 2;
  }
  signal(SIGPIPE, SIG_IGN);
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;  // one kept file per thread of every container
  setrlimit(RLIMIT_NOFILE, &files);
  Result<std::unique_ptr<MetricsServer>> server = MetricsServer::Listen(
      listen.substr(0, colon), static_cast<std::uint16_t>(port),
      Exporter(ContainerFinder(docker_socket)), [&faults] { RevertOrphans(faults); });
  if (!server.ok()) {
    std::fprintf(stderr, "%s\n", server.error().sentence.c_str());
    return 1;
  }
  std::printf("serving http://%s:%d/metrics\n", listen.substr(0, colon).c_str(), (*server)->port());
  std::fflush(stdout);
  (*server)->Run();
  return 0;
}

struct Arguments {
  std::string docker_socket = kDockerSocket;
  std::string listen = "0.0.0.0:9435";
  FaultSettings faults;
};

int Main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app{
      "Grayling's tool inside a guest: finds containers, injects faults, exports metrics."};
  app.require_subcommand(1);

  CLI::App* containers = app.add_subcommand("containers", "print running containers as JSON");
  containers->add_option("--docker-socket", arguments.docker_socket, "Docker's Unix socket");
  CLI::App* clock = app.add_subcommand("clock", "print the time, Unix nanoseconds");
  CLI::App* serve = app.add_subcommand("serve", "export metrics for Prometheus");
  serve->add_option("--listen", arguments.listen, "ADDRESS:PORT (default 0.0.0.0:9435)");
  serve->add_option("--docker-socket", arguments.docker_socket, "Docker's Unix socket");
  serve->add_option("--state-dir", arguments.faults.mark_folder, "folder of fault marks");

  arguments.faults.remove_strays = [&arguments] {
    return RemoveStraysOfThisMachine(arguments.docker_socket);
  };
  FaultCommand fault(app, arguments.faults);
  CLI::App& apply = fault.apply();
  FaultOrder& order = fault.order();
  apply.add_option("--veth", order.veth, "the host's end of the container's link");
  apply.add_option("--cgroup", order.cgroup, "the container's cgroup folder");
  apply.add_option("--pid", order.pid, "the container's first process");
  apply.add_option("--container", order.container, "Docker's id of the container");
  apply.add_option("--peer-address", order.peer_addresses, "only packets of this peer");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    if (fault.parsed() && problem.get_exit_code() != 0) return fault.Complain(problem.what());
    return app.exit(problem) == 0 ? 0 : 2;
  }
  if (containers->parsed()) return RunContainers(arguments.docker_socket);
  if (clock->parsed()) return RunClock();
  if (serve->parsed()) {
    return RunServe(arguments.listen, arguments.docker_socket, arguments.faults);
  }
  return fault.Run();
}

}  // namespace
}  // namespace grayling::probe

int main(int argc, char** argv) { return grayling::probe::Main(argc, argv); }
