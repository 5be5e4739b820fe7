#pragma once

#include <libvirt/libvirt.h>

#include <memory>
#include <string>

#include "vmfault/machine.h"

namespace grayling::vmfault {

// A domain of libvirt: qemu:///system for real VMs, test:///default without any. The connection is
// opened anew when libvirt's daemon was restarted (the program must ignore SIGPIPE).
class LibvirtMachine final : public Machine {
 public:
  // Connects on first use.
  LibvirtMachine(std::string uri, std::string domain)
      : uri_(std::move(uri)), name_(std::move(domain)) {}
  // Connects now. kLibvirtSilent when libvirt does not answer.
  static Result<std::unique_ptr<Machine>> Open(const std::string& uri, const std::string& domain);

  std::string Place() const override { return uri_; }
  Result<MachineIdentity> Identity() override;
  Result<DomainDevices> Devices() override;
  Result<Tuning> CpuTuning() override;
  Status SetCpuTuning(const Tuning& tuning) override;
  Result<Tuning> DiskTuning(const std::string& disk) override;
  Status SetDiskTuning(const std::string& disk, const Tuning& tuning) override;
  Result<Tuning> NicTuning(const std::string& mac) override;
  Status SetNicTuning(const std::string& mac, const Tuning& tuning) override;
  Status SetLinkState(const std::string& mac, const std::string& state) override;
  Result<RunState> State() override;
  Status Suspend() override;
  Status Resume() override;
  Result<nlohmann::json> Monitor(const std::string& command,
                                 const nlohmann::json& arguments) override;
  Result<std::string> HumanMonitor(const std::string& line) override;

 private:
  using Connection = std::unique_ptr<virConnect, int (*)(virConnectPtr)>;
  using Domain = std::unique_ptr<virDomain, int (*)(virDomainPtr)>;

  Status Connect();
  // The running domain, looked up anew for each call: it may have been restarted.
  Result<Domain> Find();
  Result<std::string> LiveXml(const Domain& domain);
  Result<std::string> MonitorText(const std::string& command, unsigned int flags);

  const std::string uri_;
  const std::string name_;
  Connection connection_{nullptr, virConnectClose};
};

}  // namespace grayling::vmfault
