#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "deploy/lab/application/customers.h"
#include "deploy/lab/application/gateway.h"
#include "deploy/lab/application/http_server.h"
#include "deploy/lab/application/metrics.h"
#include "deploy/lab/application/router.h"
#include "deploy/lab/application/seed.h"
#include "deploy/lab/application/vets.h"
#include "deploy/lab/application/visits.h"

namespace grayling::lab {

struct LabServiceOptions {
  std::string role;  // api-gateway, customers-service, visits-service or vets-service
  std::string host = "0.0.0.0";
  int port = 8080;
  std::string data_folder = "/data";             // of the file ROLE.db; not for the gateway
  std::map<std::string, std::string> upstreams;  // name -> http://HOST:PORT; gateway only
  absl::Duration upstream_limit = absl::Seconds(10);
  int workers = 16;
  SeedSize seed;  // used when the database is not there yet
};

// One running role of the lab application, with /health and /metrics beside its routes.
// /health answers UP as long as the process can answer at all, as gray failures need.
class LabService {
 public:
  // Seeds the database where needed, then listens.
  static absl::StatusOr<std::unique_ptr<LabService>> Start(const LabServiceOptions& options);

  int port() const { return server_->port(); }
  // Ends listening after the answers under way. The destructor does too.
  void Stop() { server_->Stop(); }

 private:
  LabService() : router_(metrics_) {}
  absl::Status OpenRole(const LabServiceOptions& options);

  SystemClock clock_;
  Registry metrics_;
  Router router_;
  std::unique_ptr<CustomersService> customers_;
  std::unique_ptr<VisitsService> visits_;
  std::unique_ptr<VetsService> vets_;
  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<HttpServer> server_;  // last: its threads end before what they use
};

}  // namespace grayling::lab
