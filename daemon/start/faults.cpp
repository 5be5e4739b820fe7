#include "daemon/start/steps.h"

#include <spdlog/spdlog.h>

#include <filesystem>
#include <vector>

#include "daemon/fault/blade_injector.h"
#include "daemon/fault/probe_injector.h"
#include "daemon/fault/vm_injector.h"

namespace grayling {
namespace {

std::string VmFaultPath(const Settings& settings) {
  if (!settings.vmfault_path.empty()) return settings.vmfault_path;
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? "grayling-vmfault" : (self.parent_path() / "grayling-vmfault").string();
}

}  // namespace

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

}  // namespace grayling
