#include "client/cli/vm_forward.h"

#include "absl/strings/str_cat.h"
#include "client/cli/arguments.h"
#include "client/cli/dispatch.h"
#include "grayling/v1/vm.grpc.pb.h"

namespace grayling {

absl::StatusOr<std::string> ForwardedUrl(Session& session, const std::string& vm,
                                         uint32_t guest_port) {
  v1::GetVmRequest request;
  request.set_name(ResourceName("vms", vm));
  GRAYLING_ASSIGN_OR_RETURN(const v1::Vm found,
                            Call<v1::VmService>(session, &v1::VmService::Stub::GetVm, request));
  for (const v1::PortForward& forward : found.spec().forwards()) {
    if (forward.guest_port() == guest_port && forward.host_port() != 0) {
      return absl::StrCat("http://127.0.0.1:", forward.host_port());
    }
  }
  return absl::NotFoundError(absl::StrCat(found.name(), " forwards no host port to guest port ",
                                          guest_port, "; define it with --forward ", guest_port));
}

}  // namespace grayling
