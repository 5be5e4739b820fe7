#include "daemon/rpc/fault_service.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "daemon/fault/catalogue.h"
#include "daemon/fault/fault_spec.h"
#include "daemon/rpc/fault_message.h"
#include "daemon/rpc/paging.h"
#include "daemon/rpc/status_convert.h"

namespace grayling {
namespace {

v1::FaultKind ToKindProto(const FaultKind& kind) {
  v1::FaultKind proto;
  proto.set_kind(kind.kind);
  proto.set_description(kind.description);
  for (const FaultParameter& parameter : kind.parameters) {
    v1::FaultParameter& out = *proto.add_parameters();
    out.set_name(parameter.name);
    out.set_unit(parameter.unit);
    out.set_minimum(parameter.minimum);
    out.set_maximum(parameter.maximum);
    out.set_default_value(parameter.default_value);
    out.set_description(parameter.description);
  }
  for (const FaultOption& option : kind.options) {
    v1::FaultOption& out = *proto.add_options();
    out.set_name(option.name);
    out.mutable_choices()->Assign(option.choices.begin(), option.choices.end());
    out.set_default_value(option.default_value);
    out.set_description(option.description);
  }
  proto.set_falling_hurts_more(kind.FallingHurtsMore());
  proto.set_is_on_or_off(kind.Intensity() == nullptr);
  proto.set_can_change(kind.can_change);
  for (const std::string& backend : BackendsOf(kind)) proto.add_backends(backend);
  return proto;
}

grpc::Status Answer(absl::StatusOr<FaultRecord> fault, v1::Fault* response) {
  if (!fault.ok()) return ToGrpc(fault.status());
  *response = ToFaultProto(*fault);
  return grpc::Status::OK;
}

}  // namespace

grpc::Status FaultServiceAdapter::ListFaultKinds(grpc::ServerContext*,
                                                 const v1::ListFaultKindsRequest* request,
                                                 v1::ListFaultKindsResponse* response) {
  const std::vector<FaultKind>& kinds = FaultKinds();
  const absl::StatusOr<Page> page =
      PageOf(kinds.size(), request->page_size(), request->page_token());
  if (!page.ok()) return ToGrpc(page.status());
  for (size_t i = page->begin; i < page->end; ++i) *response->add_kinds() = ToKindProto(kinds[i]);
  response->set_next_page_token(page->next_token);
  return grpc::Status::OK;
}

absl::StatusOr<std::string> FaultServiceAdapter::Inject(const v1::FaultSpec& spec) {
  if (const std::optional<std::string> campaign = campaign_in_(spec.vm()); campaign.has_value()) {
    return absl::FailedPreconditionError(
        absl::StrCat(*campaign, " runs in ", spec.vm(),
                     ", and a fault by hand would spoil its labels; wait for its end or abort it"));
  }
  GRAYLING_ASSIGN_OR_RETURN(FaultRecord fault, faults_.Inject(FromSpecProto(spec)));
  return std::move(fault.name);
}

grpc::Status FaultServiceAdapter::InjectFault(grpc::ServerContext*,
                                              const v1::InjectFaultRequest* request,
                                              v1::Fault* response) {
  const absl::StatusOr<std::string> name =
      requests_.Once(request->request_id(), [&] { return Inject(request->spec()); });
  if (!name.ok()) return ToGrpc(name.status());
  return Answer(faults_.Get(*name), response);
}

grpc::Status FaultServiceAdapter::RevertFault(grpc::ServerContext*,
                                              const v1::RevertFaultRequest* request,
                                              v1::Fault* response) {
  return Answer(faults_.Revert(request->name()), response);
}

grpc::Status FaultServiceAdapter::RevertAllFaults(grpc::ServerContext*,
                                                  const v1::RevertAllFaultsRequest* request,
                                                  v1::RevertAllFaultsResponse* response) {
  const absl::StatusOr<Faults::RevertAllResult> result = faults_.RevertAll(request->vm());
  if (!result.ok()) return ToGrpc(result.status());
  for (const FaultRecord& fault : result->faults) *response->add_faults() = ToFaultProto(fault);
  for (const std::string& mark : result->unknown_marks) response->add_unknown_marks(mark);
  return grpc::Status::OK;
}

grpc::Status FaultServiceAdapter::GetFault(grpc::ServerContext*, const v1::GetFaultRequest* request,
                                           v1::Fault* response) {
  return Answer(faults_.Get(request->name()), response);
}

grpc::Status FaultServiceAdapter::ListFaults(grpc::ServerContext*,
                                             const v1::ListFaultsRequest* request,
                                             v1::ListFaultsResponse* response) {
  const absl::StatusOr<std::vector<FaultRecord>> faults = faults_.List(request->active_only());
  if (!faults.ok()) return ToGrpc(faults.status());
  const absl::StatusOr<Page> page =
      PageOf(faults->size(), request->page_size(), request->page_token());
  if (!page.ok()) return ToGrpc(page.status());
  for (size_t i = page->begin; i < page->end; ++i) {
    *response->add_faults() = ToFaultProto((*faults)[i]);
  }
  response->set_next_page_token(page->next_token);
  return grpc::Status::OK;
}

}  // namespace grayling
