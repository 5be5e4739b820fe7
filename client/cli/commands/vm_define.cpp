#include "client/cli/commands/commands.h"

#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/cli/arguments.h"
#include "client/cli/dispatch.h"
#include "client/cli/output/tables.h"
#include "grayling/v1/vm.grpc.pb.h"

namespace grayling {
namespace {

struct Options {
  std::string id;
  v1::VmSpec spec;
  std::string kernel, initrd, append, disk, payload, console;
  std::vector<std::string> forwards;
  std::string accelerator = "kvm";
  uint32_t vcpus = 2;
  uint64_t memory_mib = 2048;
};

// GUEST or GUEST:HOST. Empty when fine, as CLI11's checks want it.
std::string ReadForward(const std::string& text, v1::PortForward& forward) {
  const std::vector<std::string> parts = absl::StrSplit(text, ':');
  uint32_t guest = 0;
  uint32_t host = 0;
  const bool fine = parts.size() <= 2 && absl::SimpleAtoi(parts[0], &guest) && guest >= 1 &&
                    guest <= 65535 &&
                    (parts.size() == 1 || (absl::SimpleAtoi(parts[1], &host) && host <= 65535));
  if (!fine) {
    return absl::StrCat("'", text, "' is not a forward; write GUEST_PORT or GUEST_PORT:HOST_PORT");
  }
  forward.set_guest_port(guest);
  forward.set_host_port(host);
  return "";
}

absl::Status Run(const Options& options, Session& session) {
  v1::DefineVmRequest request;
  request.set_vm_id(options.id);
  v1::VmSpec& spec = *request.mutable_spec();
  spec.set_kernel_path(options.kernel);
  spec.set_initrd_path(options.initrd);
  spec.set_kernel_arguments(options.append);
  spec.set_disk_path(options.disk);
  spec.set_payload_path(options.payload);
  spec.set_vcpus(options.vcpus);
  spec.set_memory_mib(options.memory_mib);
  spec.set_accelerator(options.accelerator);
  spec.set_console_log_path(options.console);
  for (const std::string& forward : options.forwards) ReadForward(forward, *spec.add_forwards());
  const auto vm = Call<v1::VmService>(session, &v1::VmService::Stub::DefineVm, request);
  if (!vm.ok()) return vm.status();
  session.Print(*vm, TableOf(*vm));
  return absl::OkStatus();
}

}  // namespace

void AddVmDefine(CLI::App& group, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      group.add_subcommand("define", "Define a VM that boots a kernel directly from a disk image");
  command->add_option("VM", options->id, "Its name")->required();
  command->add_option("--kernel", options->kernel, "Kernel image, on the daemon's machine")
      ->required();
  command->add_option("--initrd", options->initrd, "Initial RAM disk");
  command->add_option("--append", options->append, "Kernel arguments, as one word");
  command->add_option("--disk", options->disk, "qcow2 or raw image: the guest's vda")->required();
  command->add_option("--payload", options->payload, "Read-only image: the guest's vdb");
  command->add_option("--memory-mib", options->memory_mib, "Memory in MiB")->capture_default_str();
  command->add_option("--vcpus", options->vcpus, "Virtual CPUs")->capture_default_str();
  command->add_option("--accelerator", options->accelerator, "kvm, or tcg where there is none")
      ->check(CLI::IsMember({"kvm", "tcg"}))
      ->capture_default_str();
  AddRepeated(*command, "--forward", options->forwards,
              "Guest port to reach on 127.0.0.1, with GUEST:HOST on a port of your choice")
      ->check([](const std::string& text) {
        v1::PortForward forward;
        return ReadForward(text, forward);
      });
  command->add_option("--console", options->console, "File for the guest's serial console");
  RunWhenNamed(*command, invocation, options, &Run);
}

}  // namespace grayling
