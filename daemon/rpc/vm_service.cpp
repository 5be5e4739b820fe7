#include "daemon/rpc/vm_service.h"

#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/proto_time.h"
#include "base/status_macros.h"
#include "daemon/rpc/paging.h"
#include "daemon/rpc/status_convert.h"
#include "daemon/vm/vm_record.h"

namespace grayling {
namespace {

v1::VmState StateToProto(DomainState state) {
  switch (state) {
    case DomainState::kShutOff:
      return v1::VM_STATE_SHUT_OFF;
    case DomainState::kRunning:
      return v1::VM_STATE_RUNNING;
    case DomainState::kPaused:
      return v1::VM_STATE_PAUSED;
    case DomainState::kCrashed:
      return v1::VM_STATE_CRASHED;
  }
  return v1::VM_STATE_UNSPECIFIED;
}

void VmToProto(const VmStatus& status, v1::Vm* out) {
  out->set_name(VmName(status.definition.id));
  *out->mutable_spec() = SpecToProto(status.definition);
  out->set_state(StateToProto(status.state));
  out->set_agent_answers(status.agent_answers);
}

absl::StatusOr<VmStatus> Define(Vms& vms, const v1::DefineVmRequest& request) {
  GRAYLING_ASSIGN_OR_RETURN(VmDefinition definition,
                            DefinitionFromProto(request.vm_id(), request.spec()));
  return vms.Define(std::move(definition));
}

absl::StatusOr<ExecResult> Exec(Guests& guests, const v1::ExecVmRequest& request,
                                const std::function<bool()>& is_cancelled) {
  const absl::Duration timeout =
      request.has_timeout() ? FromProto(request.timeout()) : VmServiceAdapter::kDefaultExecTimeout;
  if (timeout > VmServiceAdapter::kLongestExecTimeout) {
    return absl::InvalidArgumentError(
        absl::StrCat("timeout is ", absl::FormatDuration(timeout), "; the longest is ",
                     absl::FormatDuration(VmServiceAdapter::kLongestExecTimeout),
                     ", so start what takes longer as a service of the guest (systemd-run)"));
  }
  GRAYLING_ASSIGN_OR_RETURN(Executor * executor, guests.ExecutorOf(request.name()));
  return executor->RunUnlessCancelled({request.argv().begin(), request.argv().end()}, timeout,
                                      is_cancelled);
}

}  // namespace

grpc::Status VmServiceAdapter::DefineVm(grpc::ServerContext*, const v1::DefineVmRequest* request,
                                        v1::Vm* response) {
  const absl::StatusOr<VmStatus> vm = Define(vms_, *request);
  if (vm.ok()) VmToProto(*vm, response);
  return ToGrpc(vm.status());
}

grpc::Status VmServiceAdapter::GetVm(grpc::ServerContext*, const v1::GetVmRequest* request,
                                     v1::Vm* response) {
  const absl::StatusOr<VmStatus> vm = vms_.Get(request->name());
  if (vm.ok()) VmToProto(*vm, response);
  return ToGrpc(vm.status());
}

grpc::Status VmServiceAdapter::ListVms(grpc::ServerContext*, const v1::ListVmsRequest* request,
                                       v1::ListVmsResponse* response) {
  const absl::StatusOr<std::vector<VmStatus>> vms = vms_.List();
  if (!vms.ok()) return ToGrpc(vms.status());
  const absl::StatusOr<Page> page =
      PageOf(vms->size(), request->page_size(), request->page_token());
  if (!page.ok()) return ToGrpc(page.status());
  for (size_t i = page->begin; i < page->end; ++i) VmToProto((*vms)[i], response->add_vms());
  response->set_next_page_token(page->next_token);
  return grpc::Status::OK;
}

grpc::Status VmServiceAdapter::Operate(const std::string& name, Operations::Work work,
                                       v1::Operation* response) {
  const absl::Status known = vms_.Find(name).status();
  if (!known.ok()) return ToGrpc(known);
  const absl::StatusOr<v1::Operation> operation = operations_.Start(name, std::move(work));
  if (operation.ok()) *response = *operation;
  return ToGrpc(operation.status());
}

grpc::Status VmServiceAdapter::StartVm(grpc::ServerContext*, const v1::StartVmRequest* request,
                                       v1::Operation* response) {
  const absl::Duration timeout =
      request->has_agent_timeout() ? FromProto(request->agent_timeout()) : kDefaultAgentTimeout;
  return Operate(
      request->name(),
      [&vms = vms_, name = request->name(), timeout](const absl::Notification& stop,
                                                     const Operations::Step& step) {
        return vms.Start(name, timeout, stop, step);
      },
      response);
}

grpc::Status VmServiceAdapter::StopVm(grpc::ServerContext*, const v1::StopVmRequest* request,
                                      v1::Operation* response) {
  const absl::Duration grace = request->has_grace() ? FromProto(request->grace()) : kDefaultGrace;
  return Operate(
      request->name(),
      [&vms = vms_, name = request->name(), grace](const absl::Notification& stop,
                                                   const Operations::Step& step) {
        return vms.Stop(name, grace, stop, step);
      },
      response);
}

grpc::Status VmServiceAdapter::DeleteVm(grpc::ServerContext*, const v1::DeleteVmRequest* request,
                                        v1::DeleteVmResponse*) {
  return ToGrpc(vms_.Delete(request->name()));
}

grpc::Status VmServiceAdapter::ExecVm(grpc::ServerContext* context,
                                      const v1::ExecVmRequest* request,
                                      v1::ExecVmResponse* response) {
  absl::StatusOr<ExecResult> result =
      Exec(guests_, *request, [context] { return context != nullptr && context->IsCancelled(); });
  if (!result.ok()) return ToGrpc(result.status());
  response->set_exit_code(result->exit_code);
  response->set_stdout(std::move(result->out));
  response->set_stderr(std::move(result->err));
  return grpc::Status::OK;
}

}  // namespace grayling
