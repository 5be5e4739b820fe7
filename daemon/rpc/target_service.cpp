#include "daemon/rpc/target_service.h"

#include "base/status_macros.h"
#include "daemon/guest/services.h"
#include "daemon/rpc/paging.h"
#include "daemon/rpc/status_convert.h"

namespace grayling {
namespace {

absl::StatusOr<std::vector<GuestService>> ServicesOf(Guests& guests, const std::string& vm) {
  GRAYLING_ASSIGN_OR_RETURN(Executor * executor, guests.ExecutorOf(vm));
  return DiscoverServices(*executor);
}

void ToProto(const GuestService& service, const std::string& vm, v1::Service* out) {
  out->set_name(service.name);
  out->set_vm(vm);
  out->set_container_id(service.container_id);
  out->set_image(service.image);
  out->set_pid(service.pid);
  out->set_cgroup_path(service.cgroup_path);
  out->set_veth(service.veth);
  out->set_bridge(service.bridge);
  out->set_ip_address(service.ip_address);
  out->set_health(service.health);
}

}  // namespace

grpc::Status TargetServiceAdapter::ListServices(grpc::ServerContext*,
                                                const v1::ListServicesRequest* request,
                                                v1::ListServicesResponse* response) {
  const absl::StatusOr<std::vector<GuestService>> services = ServicesOf(guests_, request->vm());
  if (!services.ok()) return ToGrpc(services.status());
  const absl::StatusOr<Page> page =
      PageOf(services->size(), request->page_size(), request->page_token());
  if (!page.ok()) return ToGrpc(page.status());
  for (size_t i = page->begin; i < page->end; ++i) {
    ToProto((*services)[i], request->vm(), response->add_services());
  }
  response->set_next_page_token(page->next_token);
  return grpc::Status::OK;
}

}  // namespace grayling
