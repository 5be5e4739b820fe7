#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>

#include "base/manual_clock.h"
#include "daemon/rpc/metric_service.h"
#include "gtest/gtest.h"
#include "tests/unit/metrics/memory_sample_store.h"
#include "tests/unit/store/temporary_folder.h"

namespace grayling {

// The metric service behind an in-process channel, as a client sees it.
class MetricServiceFixture : public ::testing::Test {
 protected:
  static constexpr absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

  void SetUp() override {
    database_ = *Database::Open(folder_.File("state.db"));
    targets_ = std::make_unique<RecordStore>(*database_, "scrape_targets");
    campaigns_ = std::make_unique<RecordStore>(*database_, "campaigns");
    pin_records_ = std::make_unique<RecordStore>(*database_, "pins");
    pins_ = std::make_unique<Pins>(*pin_records_, *campaigns_, clock_);
    service_ = std::make_unique<MetricServiceAdapter>(scraper_, samples_, *targets_,
                                                      PushedSamples{intake_, *pins_}, clock_);
    grpc::ServerBuilder builder;
    builder.RegisterService(service_.get());
    server_ = builder.BuildAndStart();
    stub_ = v1::MetricService::NewStub(server_->InProcessChannel(grpc::ChannelArguments()));
  }
  void TearDown() override { server_->Shutdown(); }

  TemporaryFolder folder_;
  ManualClock clock_{kNow};
  MemorySampleStore samples_;
  Scraper scraper_{samples_, {}};
  std::unique_ptr<Database> database_;
  std::unique_ptr<RecordStore> targets_, campaigns_, pin_records_;
  std::unique_ptr<Pins> pins_;
  SampleIntake intake_{samples_, {}, absl::ZeroDuration()};
  std::unique_ptr<MetricServiceAdapter> service_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::MetricService::Stub> stub_;
};

}  // namespace grayling
