#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "base/manual_clock.h"
#include "daemon/vm/vms.h"
#include "tests/unit/store/temporary_folder.h"
#include "tests/unit/vm/fake_hypervisor.h"

namespace grayling {

// Vms on a fake hypervisor, a real store in a temporary folder, and a clock that jumps.
class VmsFixture : public ::testing::Test {
 protected:
  VmsFixture() {
    for (const char* name : {"vmlinuz", "initrd.img", "disk.qcow2"}) {
      std::ofstream(folder_.File(name)) << name;
    }
  }

  VmDefinition Lab(const std::string& id = "lab") {
    VmDefinition lab;
    lab.id = id;
    lab.kernel_path = folder_.File("vmlinuz");
    lab.initrd_path = folder_.File("initrd.img");
    lab.disk_path = folder_.File("disk.qcow2");
    lab.console_log_path = folder_.File("console.log");
    return lab;
  }

  absl::Status Start(absl::Duration timeout = absl::Seconds(60)) {
    return vms_.Start("vms/lab", timeout, stop_,
                      [this](std::string step) { steps_.push_back(std::move(step)); });
  }

  absl::Status Stop(absl::Duration grace) {
    return vms_.Stop("vms/lab", grace, stop_,
                     [this](std::string step) { steps_.push_back(std::move(step)); });
  }

  TemporaryFolder folder_;
  std::unique_ptr<Database> database_ = *Database::Open(folder_.File("state.db"));
  RecordStore records_{*database_, "vms"};
  FakeHypervisor hypervisor_;
  ManualClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  Vms vms_{hypervisor_, records_, clock_};
  absl::Notification stop_;
  std::vector<std::string> steps_;
};

}  // namespace grayling
