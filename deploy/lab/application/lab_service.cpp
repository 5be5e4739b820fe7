#include "deploy/lab/application/lab_service.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace grayling::lab {
namespace {

// Opens a service on its database and adds its routes.
template <typename Service>
absl::Status OpenService(const std::string& path, Router& router, std::unique_ptr<Service>& slot) {
  GRAYLING_ASSIGN_OR_RETURN(slot, Service::Open(path));
  slot->AddRoutes(router);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<LabService>> LabService::Start(const LabServiceOptions& options) {
  auto service = std::unique_ptr<LabService>(new LabService());
  GRAYLING_RETURN_IF_ERROR(service->OpenRole(options));
  Router* router = &service->router_;
  Registry* metrics = &service->metrics_;
  service->server_ = std::make_unique<HttpServer>(options.workers, [router, metrics](Call& call) {
    if (call.path == "/health") return Reply{200, R"({"status":"UP"})"};
    if (call.path == "/metrics") return Reply{200, metrics->Render(), "text/plain; version=0.0.4"};
    return router->Handle(call);
  });
  GRAYLING_RETURN_IF_ERROR(service->server_->Start(options.host, options.port));
  return service;
}

absl::Status LabService::OpenRole(const LabServiceOptions& options) {
  if (options.role == "api-gateway") {
    GRAYLING_ASSIGN_OR_RETURN(
        gateway_, Gateway::Make(options.upstreams, options.upstream_limit, metrics_, clock_));
    gateway_->AddRoutes(router_);
    return absl::OkStatus();
  }
  const std::string path = absl::StrCat(options.data_folder, "/", options.role, ".db");
  GRAYLING_RETURN_IF_ERROR(SeedDatabase(options.role, path, options.seed));
  if (options.role == "customers-service") return OpenService(path, router_, customers_);
  if (options.role == "visits-service") return OpenService(path, router_, visits_);
  return OpenService(path, router_, vets_);
}

}  // namespace grayling::lab
