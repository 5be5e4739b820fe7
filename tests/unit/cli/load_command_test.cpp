#include <gmock/gmock.h>

#include <fstream>

#include "fake_daemon.h"
#include "grayling/v1/load.grpc.pb.h"
#include "grayling/v1/vm.grpc.pb.h"

namespace grayling {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// A VM that forwards 9435.
class ForwardingVm final : public v1::VmService::Service {
 public:
  grpc::Status GetVm(grpc::ServerContext*, const v1::GetVmRequest* request, v1::Vm* vm) override {
    vm->set_name(request->name());
    v1::PortForward& forward = *vm->mutable_spec()->add_forwards();
    forward.set_guest_port(9435);
    forward.set_host_port(43210);
    return grpc::Status::OK;
  }
};

class FakeLoads final : public v1::LoadService::Service {
 public:
  grpc::Status StartLoad(grpc::ServerContext*, const v1::StartLoadRequest* request,
                         v1::Load* load) override {
    *load->mutable_spec() = started = request->spec();
    return grpc::Status::OK;
  }
  grpc::Status WatchLoad(grpc::ServerContext*, const v1::WatchLoadRequest*,
                         grpc::ServerWriter<v1::Load>* writer) override {
    v1::Load load;
    load.mutable_spec()->set_users(35);
    load.set_running(true);
    load.set_requests(100);
    writer->Write(load);
    load.set_running(false);
    load.set_requests(130);
    writer->Write(load);
    return grpc::Status::OK;
  }
  grpc::Status CalibrateLoad(grpc::ServerContext*, const v1::CalibrateLoadRequest* request,
                             grpc::ServerWriter<v1::CalibrateLoadResponse>* writer) override {
    calibrated = *request;
    v1::CalibrateLoadResponse answer;
    answer.set_users(40);
    answer.set_broken("errors is 3.1 %, above 1 %");
    writer->Write(answer);
    answer.Clear();
    answer.set_done(true);
    answer.set_users(borne);
    answer.set_verdict("35 users are the most that keep errors<=1%");
    writer->Write(answer);
    return grpc::Status::OK;
  }

  v1::CalibrateLoadRequest calibrated;
  uint32_t borne = 35;

  v1::LoadSpec started;
};

class LoadCommandTest : public testing::Test {
 protected:
  Result Run(std::vector<std::string> arguments) {
    return RunGrayling(daemon_.address(), std::move(arguments));
  }

  ForwardingVm vms_;
  FakeLoads loads_;
  FakeDaemon daemon_{{&vms_, &loads_}};
};

TEST_F(LoadCommandTest, StartsALoadOnAForwardWithTheStockThinkTime) {
  const Result result =
      Run({"load", "start", "--vm", "lab", "--guest-port", "9435", "--users", "8"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(loads_.started.base_url(), "http://127.0.0.1:43210");
  EXPECT_EQ(loads_.started.users(), 8);
  EXPECT_EQ(loads_.started.think_time_mean_ms(), 300);
  EXPECT_EQ(loads_.started.think_time_deviation_ms(), 100);
  EXPECT_EQ(loads_.started.ramp_up_s(), 5);
  EXPECT_EQ(loads_.started.mix(), "petclinic");
}

TEST_F(LoadCommandTest, ARateStartsAnOpenLoop) {
  const Result result = Run({"load", "start", "--url", "http://127.0.0.1:1", "--rate", "120",
                             "--arrivals", "constant", "--think-time", "uniform"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(loads_.started.rate(), 120);
  EXPECT_EQ(loads_.started.arrivals(), v1::ARRIVALS_CONSTANT);
  EXPECT_EQ(loads_.started.most_in_flight(), 500u);
  EXPECT_EQ(loads_.started.users(), 0u);
  EXPECT_THAT(result.out, HasSubstr("120/s"));
  const std::vector<std::string> open = {"load", "start", "--url", "http://127.0.0.1:1"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), open.begin(), open.end());
    return Run(more).status;
  };
  EXPECT_EQ(with({"--rate", "5", "--users", "3"}), 2);
  EXPECT_EQ(with({"--arrivals", "poisson"}), 2);
  EXPECT_EQ(with({"--rate", "5", "--arrivals", "bursts"}), 2);
}

TEST_F(LoadCommandTest, AMixFileIsSentAsItIs) {
  const std::string file = testing::TempDir() + "/shop.yaml";
  std::ofstream(file) << "requests: [{name: home, path: /}]\n";
  const Result result = Run({"load", "start", "--url", "http://127.0.0.1:1", "--mix", file});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(loads_.started.mix(), "shop");
  EXPECT_EQ(loads_.started.mix_yaml(), "requests: [{name: home, path: /}]\n");
  EXPECT_EQ(Run({"load", "start", "--url", "http://127.0.0.1:1", "--mix", "/no/such.yaml"}).status,
            1);
}

TEST_F(LoadCommandTest, WatchesALoadUntilItHasStopped) {
  const Result result = Run({"load", "watch"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("35 users"), HasSubstr("100"), HasSubstr("130")));
}

TEST_F(LoadCommandTest, PrintsTheCurveAndTheLargestNumberOfUsersThatIsBorne) {
  const std::vector<std::string> words = {"load",   "calibrate",   "--url", "http://127.0.0.1:1",
                                          "--most", "60",          "--look", "5s"};
  const Result result = Run(words);
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("40"), HasSubstr("errors is 3.1 %")));
  EXPECT_THAT(result.err, HasSubstr("35 users are the most"));
  EXPECT_EQ(loads_.calibrated.most_users(), 60u);
  EXPECT_EQ(loads_.calibrated.look_s(), 5u);
  loads_.borne = 0;
  EXPECT_EQ(Run(words).status, 1);
}

TEST_F(LoadCommandTest, StartsAJMeterPlanByItsAbsolutePath) {
  const Result result =
      Run({"load", "start", "--jmeter", "/plans/../a.jmx", "-J", "basket=3", "-J", "query=x=y"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(loads_.started.jmeter_plan(), "/a.jmx");
  EXPECT_EQ(loads_.started.jmeter_properties().at("basket"), "3");
  EXPECT_EQ(loads_.started.jmeter_properties().at("query"), "x=y");
  EXPECT_EQ(loads_.started.base_url(), "");
  EXPECT_EQ(Run({"load", "start", "--jmeter", "/a.jmx", "-J", "basket"}).status, 1);
  EXPECT_EQ(Run({"load", "start", "--url", "http://127.0.0.1:1", "-J", "a=b"}).status, 2);
  EXPECT_EQ(Run({"load", "start"}).status, 2);
}

}  // namespace
}  // namespace grayling
