#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/support/sync_stream.h>

#include <memory>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "client/cli/session.h"

namespace grayling {

inline constexpr absl::Duration kUnaryDeadline = absl::Seconds(30);

// The daemon's sentence; or, when nobody answered, how to get a daemon that does.
absl::Status StatusOf(const grpc::Status& status, const std::string& address,
                      absl::Duration deadline);

// Runs one unary RPC: Call<v1::VmService>(session, &v1::VmService::Stub::GetVm, request).
template <typename Service, typename Request, typename Response>
absl::StatusOr<Response> Call(Session& session,
                              grpc::Status (Service::Stub::*method)(grpc::ClientContext*,
                                                                    const Request&, Response*),
                              const Request& request, absl::Duration deadline = kUnaryDeadline) {
  const auto stub = Service::NewStub(session.channel());
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + deadline));
  Response response;
  const grpc::Status status = ((*stub).*method)(&context, request, &response);
  GRAYLING_RETURN_IF_ERROR(StatusOf(status, session.address(), deadline));
  return response;
}

// Runs a List RPC until its last page; the answer holds the items of all pages.
template <typename Service, typename Request, typename Response>
absl::StatusOr<Response> CallAllPages(Session& session,
                                      grpc::Status (Service::Stub::*method)(grpc::ClientContext*,
                                                                            const Request&,
                                                                            Response*),
                                      Request request) {
  Response all;
  do {
    auto page = Call<Service>(session, method, request);
    if (!page.ok()) return page.status();
    request.set_page_token(page->next_page_token());
    page->clear_next_page_token();
    all.MergeFrom(*page);
  } while (!request.page_token().empty());
  return all;
}

// Runs a streaming RPC. `visit` sees every message, and ends the stream by returning false.
template <typename Service, typename Request, typename Response>
absl::Status Stream(Session& session,
                    std::unique_ptr<grpc::ClientReader<Response>> (Service::Stub::*method)(
                        grpc::ClientContext*, const Request&),
                    const Request& request, absl::Duration deadline,
                    absl::FunctionRef<bool(const Response&)> visit) {
  const auto stub = Service::NewStub(session.channel());
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + deadline));
  const auto reader = ((*stub).*method)(&context, request);
  Response response;
  bool ended_here = false;
  while (!ended_here && reader->Read(&response)) ended_here = !visit(response);
  if (ended_here) context.TryCancel();
  const grpc::Status status = reader->Finish();
  return ended_here ? absl::OkStatus() : StatusOf(status, session.address(), deadline);
}

}  // namespace grayling
