#include <signal.h>

#include <string>

#include "probe/fault/fault_command.h"
#include "vmfault/effects.h"

namespace grayling::vmfault {
namespace {

// Beside the keepers' processes, which a reboot of the host ends too: marks must not survive it.
constexpr char kMarkFolder[] = "/run/grayling/vm-faults";

int Main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);  // libvirt writes to the socket of a daemon that may have gone
  probe::FaultSettings settings;
  settings.mark_folder = kMarkFolder;
  settings.keeper_cgroup = "";
  std::string uri = "qemu:///system";

  CLI::App app{
      "Grayling's tool on a host of VMs: keeps faults that act on one VM as libvirt holds it."};
  app.require_subcommand(1);
  probe::FaultCommand fault(app, settings);
  fault.apply().add_option("--domain", fault.order().domain, "the VM, as libvirt calls it");
  for (CLI::App* command : {&fault.apply(), &fault.revert(), &fault.list()}) {
    command->add_option("--connect", uri, "libvirt's URI (default qemu:///system)");
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    if (fault.parsed() && problem.get_exit_code() != 0) return fault.Complain(problem.what());
    return app.exit(problem) == 0 ? 0 : 2;
  }
  settings.make_effect = MachineEffects(uri);
  return fault.Run();
}

}  // namespace
}  // namespace grayling::vmfault

int main(int argc, char** argv) { return grayling::vmfault::Main(argc, argv); }
