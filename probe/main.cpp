#include <signal.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdio>
#include <string>
#include <vector>

#include "probe/containers/container_finder.h"
#include "probe/exporter/metrics_server.h"
#include "probe/fault/fault_answers.h"
#include "probe/fault/fault_revert.h"

namespace grayling::probe {
namespace {

int PrintLine(const Answer& answer) {
  std::printf("%s\n", answer.line.c_str());
  return answer.exit_code;
}

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
  FaultOrder order;
  std::vector<std::string> parameters;
  std::vector<std::string> options;
  std::string shape = "constant";
  std::string blade_line;
  bool all = false;
};

Answer RunApply(Arguments& arguments) {
  for (const std::string& assignment : arguments.parameters) {
    if (Status added = AddParameter(arguments.order, assignment); !added.ok()) {
      return AnswerError(added.error().sentence);
    }
  }
  for (const std::string& assignment : arguments.options) {
    if (Status added = AddOption(arguments.order, assignment); !added.ok()) {
      return AnswerError(added.error().sentence);
    }
  }
  if (std::string wrong = ParseShape(arguments.shape, arguments.order.shape); !wrong.empty()) {
    return AnswerError(wrong);
  }
  if (!arguments.blade_line.empty()) {
    if (Status set = SetArguments(arguments.order, arguments.blade_line); !set.ok()) {
      return AnswerError(set.error().sentence);
    }
  }
  return AnswerApply(arguments.faults, arguments.order);
}

Answer RunRevert(const Arguments& arguments) {
  if (arguments.all == !arguments.order.id.empty()) {
    return AnswerError("fault revert wants either --id ID or --all");
  }
  return arguments.all ? AnswerRevertAll(arguments.faults)
                       : AnswerRevert(arguments.faults, arguments.order.id);
}

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

  CLI::App* fault = app.add_subcommand("fault", "apply, revert and list faults");
  fault->require_subcommand(1);
  CLI::App* apply = fault->add_subcommand("apply", "apply one fault for a time");
  apply->add_option("--id", arguments.order.id, "the fault's id")->required();
  apply->add_option("--kind", arguments.order.kind, "a kind of the catalogue")->required();
  apply->add_option("--ttl-ms", arguments.order.ttl_ms, "it ends by itself after this time")
      ->required();
  apply->add_option("--veth", arguments.order.veth, "the host's end of the container's link");
  apply->add_option("--cgroup", arguments.order.cgroup, "the container's cgroup folder");
  apply->add_option("--pid", arguments.order.pid, "the container's first process");
  apply->add_option("--container", arguments.order.container, "Docker's id of the container");
  apply->add_option("--peer-address", arguments.order.peer_addresses, "only packets of this peer");
  apply->add_option("--param", arguments.parameters, "name=number; may be repeated");
  apply->add_option("--option", arguments.options, "name=text; may be repeated");
  apply->add_option("--shape", arguments.shape, "how the intensity moves: ramp,from=0.2");
  apply->add_option("--arguments", arguments.blade_line,
                    "ChaosBlade makes the fault: its whole line as a JSON list of texts");
  CLI::App* revert = fault->add_subcommand("revert", "end a fault now; safe to repeat");
  revert->add_option("--id", arguments.order.id, "the fault's id");
  revert->add_flag("--all", arguments.all, "end all faults");
  CLI::App* list = fault->add_subcommand("list", "print the marks of all faults");
  for (CLI::App* command : {apply, revert, list}) {
    command->add_option("--state-dir", arguments.faults.mark_folder, "folder of fault marks");
    command->add_option("--keeper-cgroup", arguments.faults.keeper_cgroup,
                        "cgroup of the processes that keep faults; empty: stay");
  }

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    // The caller of a fault command reads JSON, whatever went wrong.
    if (fault->parsed() && problem.get_exit_code() != 0) {
      return PrintLine(AnswerError(problem.what()));
    }
    return app.exit(problem) == 0 ? 0 : 2;
  }
  if (containers->parsed()) return RunContainers(arguments.docker_socket);
  if (clock->parsed()) return RunClock();
  if (serve->parsed()) {
    return RunServe(arguments.listen, arguments.docker_socket, arguments.faults);
  }
  if (apply->parsed()) return PrintLine(RunApply(arguments));
  if (revert->parsed()) return PrintLine(RunRevert(arguments));
  return PrintLine(AnswerList(arguments.faults));
}

}  // namespace
}  // namespace grayling::probe

int main(int argc, char** argv) { return grayling::probe::Main(argc, argv); }
