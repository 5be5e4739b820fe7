#include "tests/unit/lab/lab_application.h"

#include <cstdlib>

#include "absl/strings/str_cat.h"

namespace grayling::lab {

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "grayling-lab.XXXXXX").string();
  path_ = mkdtemp(pattern.data());
}

TemporaryFolder::~TemporaryFolder() { std::filesystem::remove_all(path_); }

void LabApplication::SetUp() {
  customers_ = StartRole("customers-service");
  visits_ = StartRole("visits-service");
  vets_ = StartRole("vets-service");
  gateway_ = StartGateway(absl::Seconds(10));
  client_ = std::make_unique<httplib::Client>("127.0.0.1", gateway_->port());
  client_->set_keep_alive(true);
}

std::unique_ptr<LabService> LabApplication::StartRole(const std::string& role, int port) {
  LabServiceOptions options;
  options.role = role;
  options.host = "127.0.0.1";
  options.port = port;
  options.data_folder = folder_.path();
  options.workers = 4;
  options.seed = kSeed;
  absl::StatusOr<std::unique_ptr<LabService>> service = LabService::Start(options);
  EXPECT_TRUE(service.ok()) << service.status();
  return service.ok() ? std::move(service).value() : nullptr;
}

std::unique_ptr<LabService> LabApplication::StartGateway(absl::Duration limit) {
  LabServiceOptions options;
  options.role = "api-gateway";
  options.host = "127.0.0.1";
  options.port = 0;
  options.workers = 4;
  options.upstream_limit = limit;
  const auto address = [](const std::unique_ptr<LabService>& service) {
    return absl::StrCat("http://127.0.0.1:", service->port());
  };
  options.upstreams = {{"customers-service", address(customers_)},
                       {"visits-service", address(visits_)},
                       {"vets-service", address(vets_)}};
  absl::StatusOr<std::unique_ptr<LabService>> service = LabService::Start(options);
  EXPECT_TRUE(service.ok()) << service.status();
  return service.ok() ? std::move(service).value() : nullptr;
}

std::string LabApplication::MetricsOf(const LabService& service) {
  httplib::Client client("127.0.0.1", service.port());
  const httplib::Result result = client.Get("/metrics");
  return result ? result->body : "";
}

}  // namespace grayling::lab
