#pragma once

#include <httplib.h>

#include <filesystem>
#include <memory>
#include <string>

#include "deploy/lab/application/lab_service.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace grayling::lab {

// A folder of its own, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// The four roles in this process, on free ports of loopback, with a small seed.
class LabApplication : public testing::Test {
 protected:
  static constexpr SeedSize kSeed = {.owners = 200, .visits = 400, .vets = 60};

  void SetUp() override;
  std::unique_ptr<LabService> StartRole(const std::string& role, int port = 0);
  std::unique_ptr<LabService> StartGateway(absl::Duration limit);

  httplib::Result Get(const std::string& path) { return client_->Get(path); }
  httplib::Result Post(const std::string& path, const std::string& body) {
    return client_->Post(path, body, "application/json");
  }
  httplib::Result Put(const std::string& path, const std::string& body) {
    return client_->Put(path, body, "application/json");
  }
  // The page of /metrics of `service`.
  static std::string MetricsOf(const LabService& service);

  TemporaryFolder folder_;
  std::unique_ptr<LabService> customers_, visits_, vets_, gateway_;
  std::unique_ptr<httplib::Client> client_;  // of the gateway
};

inline constexpr char kOwner[] =
    R"({"firstName":"Ada","lastName":"Byron","address":"1 Way","city":"London","telephone":"123"})";

}  // namespace grayling::lab
