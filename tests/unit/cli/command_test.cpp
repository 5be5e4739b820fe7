#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "fake_daemon.h"
#include "grayling/v1/detector.grpc.pb.h"
#include "grayling/v1/error.pb.h"
#include "grayling/v1/fault.grpc.pb.h"
#include "grayling/v1/metric.grpc.pb.h"
#include "grayling/v1/model.grpc.pb.h"
#include "grayling/v1/operation.grpc.pb.h"
#include "grayling/v1/vm.grpc.pb.h"

namespace grayling {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// An error as the daemon sends it: with a detail.
grpc::Status DaemonError(grpc::StatusCode code, const std::string& sentence) {
  v1::ErrorInfo info;
  info.set_domain("grayling");
  return {code, sentence, info.SerializeAsString()};
}

class FakeVms final : public v1::VmService::Service {
 public:
  grpc::Status GetVm(grpc::ServerContext*, const v1::GetVmRequest* request, v1::Vm* vm) override {
    if (request->name() != "vms/lab") {
      return DaemonError(grpc::StatusCode::NOT_FOUND, "no VM is called " + request->name());
    }
    vm->set_name(request->name());
    v1::PortForward& forward = *vm->mutable_spec()->add_forwards();
    forward.set_guest_port(9435);
    forward.set_host_port(43210);
    return grpc::Status::OK;
  }
  grpc::Status DefineVm(grpc::ServerContext*, const v1::DefineVmRequest* request,
                        v1::Vm* vm) override {
    defined = *request;
    vm->set_name("vms/" + request->vm_id());
    return grpc::Status::OK;
  }
  grpc::Status ListVms(grpc::ServerContext*, const v1::ListVmsRequest* request,
                       v1::ListVmsResponse* response) override {
    const bool first = request->page_token().empty();
    response->add_vms()->set_name(first ? "vms/a" : "vms/b");
    if (first) response->set_next_page_token("1");
    return grpc::Status::OK;
  }
  grpc::Status StartVm(grpc::ServerContext*, const v1::StartVmRequest*,
                       v1::Operation* operation) override {
    operation->set_name("operations/7");
    operation->set_target("vms/lab");
    return grpc::Status::OK;
  }
  grpc::Status ExecVm(grpc::ServerContext*, const v1::ExecVmRequest* request,
                      v1::ExecVmResponse* response) override {
    for (const std::string& argument : request->argv()) {
      response->mutable_stdout()->append("[" + argument + "]");
    }
    response->set_exit_code(request->argv(0) == "false" ? 1 : 0);
    return grpc::Status::OK;
  }
  grpc::Status DeleteVm(grpc::ServerContext*, const v1::DeleteVmRequest*,
                        v1::DeleteVmResponse*) override {
    return DaemonError(grpc::StatusCode::UNAVAILABLE, "libvirt does not answer");
  }

  v1::DefineVmRequest defined;
};

class FakeOperations final : public v1::OperationService::Service {
 public:
  grpc::Status WaitOperation(grpc::ServerContext*, const v1::WaitOperationRequest* request,
                             v1::Operation* operation) override {
    operation->set_name(request->name());
    operation->set_target("vms/lab");
    operation->set_done(++waits == 3);
    if (fails && operation->done()) {
      operation->set_error_code(grpc::StatusCode::DEADLINE_EXCEEDED);
      operation->set_error_message("the guest agent of vms/lab did not answer within 5m");
    }
    return grpc::Status::OK;
  }

  int waits = 0;
  bool fails = false;
};

class FakeFaults final : public v1::FaultService::Service {
 public:
  grpc::Status InjectFault(grpc::ServerContext*, const v1::InjectFaultRequest* request,
                           v1::Fault* fault) override {
    injected = request->spec();
    fault->set_name("faults/1");
    *fault->mutable_spec() = request->spec();
    return grpc::Status::OK;
  }
  grpc::Status RevertAllFaults(grpc::ServerContext*, const v1::RevertAllFaultsRequest*,
                               v1::RevertAllFaultsResponse* response) override {
    response->add_unknown_marks("netem on veth12");
    return grpc::Status::OK;
  }

  v1::FaultSpec injected;
};

class FakeMetrics final : public v1::MetricService::Service {
 public:
  grpc::Status CreateScrapeTarget(grpc::ServerContext*,
                                  const v1::CreateScrapeTargetRequest* request,
                                  v1::ScrapeTarget* target) override {
    created = *request;
    *target = request->scrape_target();
    return grpc::Status::OK;
  }

  v1::CreateScrapeTargetRequest created;
};

class FakeModels final : public v1::ModelService::Service {
 public:
  grpc::Status GetModel(grpc::ServerContext*, const v1::GetModelRequest* request,
                        v1::Model* model) override {
    model->set_name(request->name());
    v1::ModelMetric& metric = *model->mutable_provenance()->add_metrics();
    metric.set_name("event_recall");
    metric.set_value(0.95);
    return grpc::Status::OK;
  }
  grpc::Status RollbackModel(grpc::ServerContext*, const v1::RollbackModelRequest*,
                             v1::Model* model) override {
    if (++rollbacks > 1) {
      return DaemonError(grpc::StatusCode::FAILED_PRECONDITION,
                         "no model was active before models/1");
    }
    model->set_name("models/1");
    model->set_active(true);
    return grpc::Status::OK;
  }

  int rollbacks = 0;
};

class FakeDetector final : public v1::DetectorService::Service {
 public:
  grpc::Status ListAlarms(grpc::ServerContext*, const v1::ListAlarmsRequest*,
                          v1::ListAlarmsResponse* response) override {
    for (const int64_t second : {1772360000, 1772360107, 1772360150}) {
      v1::Alarm& alarm = *response->add_alarms();
      alarm.set_name("alarms/" + std::to_string(second));
      alarm.mutable_start_time()->set_seconds(second);
    }
    return grpc::Status::OK;
  }
};

class CommandTest : public testing::Test {
 protected:
  Result Run(std::vector<std::string> arguments) {
    return RunGrayling(daemon_.address(), std::move(arguments));
  }

  FakeVms vms_;
  FakeOperations operations_;
  FakeFaults faults_;
  FakeMetrics metrics_;
  FakeModels models_;
  FakeDetector detector_;
  FakeDaemon daemon_{{&vms_, &operations_, &faults_, &metrics_, &models_, &detector_}};
};

TEST_F(CommandTest, SaysTheDaemonsSentenceOnStandardError) {
  const Result result = Run({"vm", "get", "ghost"});
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.err, "grayling: no VM is called vms/ghost\n");
  EXPECT_THAT(result.out, IsEmpty());
}

TEST_F(CommandTest, ShowsAModelWithItsMetricsAndRollsBack) {
  EXPECT_THAT(Run({"model", "get", "7"}).out,
              AllOf(HasSubstr("models/7"), HasSubstr("event_recall"), HasSubstr("0.95")));
  EXPECT_THAT(Run({"model", "rollback"}).out, HasSubstr("models/1"));
  const Result refused = Run({"model", "rollback"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_EQ(refused.err, "grayling: no model was active before models/1\n");
}

TEST_F(CommandTest, TellsADaemonThatIsNotThereFromOneThatCannot) {
  const Result absent = RunGrayling("unix:///nowhere/at/all.sock", {"vm", "list"});
  EXPECT_EQ(absent.status, 1);
  EXPECT_THAT(absent.err,
              StartsWith("grayling: cannot reach graylingd at unix:///nowhere/at/all.sock; is it "
                         "running? start it with graylingd"));
  EXPECT_EQ(Run({"vm", "delete", "lab"}).err, "grayling: libvirt does not answer\n");
}

TEST_F(CommandTest, RefusesACommandLineThatMakesNoSense) {
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {},
           {"vm"},
           {"vm", "fly"},
           {"vm", "get"},
           {"vm", "list", "--no-such-flag"},
           {"vm", "list", "--output", "xml"},
           {"fault", "inject", "network.delay", "--vm", "lab"},
           {"fault", "inject", "x", "--vm", "lab", "--duration", "30"},
           {"fault", "inject", "x", "--vm", "lab", "--duration", "30s", "--param", "delay"},
           {"fault", "revert"},
           {"fault", "revert", "faults/1", "--all"},
           {"metric", "target", "add", "x"}}) {
    const Result result = Run(arguments);
    EXPECT_EQ(result.status, 2) << result.err;
    EXPECT_THAT(result.err, StartsWith("grayling: "));
  }
}

TEST_F(CommandTest, ShowsHelpAndVersion) {
  EXPECT_EQ(Run({"--help"}).status, 0);
  EXPECT_THAT(Run({"vm", "define", "--help"}).out, HasSubstr("--kernel"));
  EXPECT_THAT(Run({"--version"}).out, StartsWith("grayling "));
}

TEST_F(CommandTest, ListsAllPagesAsOne) {
  EXPECT_EQ(Run({"vm", "list", "--output", "csv"}).out,
            "NAME,STATE,AGENT,ACCELERATOR,VCPUS,MEMORY_MIB,FORWARDS\n"
            "vms/a,unspecified,no,,0,0,\n"
            "vms/b,unspecified,no,,0,0,\n");
}

TEST_F(CommandTest, DefinesAVmWithForwards) {
  const Result result = Run({"vm",
                             "define",
                             "lab",
                             "--kernel",
                             "/k",
                             "--initrd",
                             "/i",
                             "--append",
                             "root=/dev/vda rw",
                             "--disk",
                             "/d",
                             "--memory-mib",
                             "1024",
                             "--vcpus",
                             "4",
                             "--accelerator",
                             "tcg",
                             "--forward",
                             "8080",
                             "--forward",
                             "9435:19435",
                             "--console",
                             "/c"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(vms_.defined.vm_id(), "lab");
  const v1::VmSpec& spec = vms_.defined.spec();
  EXPECT_EQ(spec.kernel_arguments(), "root=/dev/vda rw");
  EXPECT_EQ(spec.memory_mib(), 1024);
  EXPECT_EQ(spec.accelerator(), "tcg");
  ASSERT_EQ(spec.forwards_size(), 2);
  EXPECT_EQ(spec.forwards(0).guest_port(), 8080);
  EXPECT_EQ(spec.forwards(0).host_port(), 0);
  EXPECT_EQ(spec.forwards(1).guest_port(), 9435);
  EXPECT_EQ(spec.forwards(1).host_port(), 19435);
}

TEST_F(CommandTest, WaitsForTheOperationOfAStart) {
  const Result result = Run({"vm", "start", "lab"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(operations_.waits, 3);
  EXPECT_THAT(result.out, HasSubstr("operations/7"));
}

TEST_F(CommandTest, FailsWithTheOperation) {
  operations_.fails = true;
  const Result result = Run({"vm", "start", "lab"});
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.err, "grayling: the guest agent of vms/lab did not answer within 5m\n");
}

TEST_F(CommandTest, HandsArgumentsToTheGuestUntouched) {
  const Result result = Run({"vm", "exec", "lab", "--daemon", daemon_.address(), "--", "sh", "-c",
                             "echo $HOME", "--help"});
  // The address that the fixture adds at the end belongs to the program behind "--" here.
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, StartsWith("[sh][-c][echo $HOME][--help]"));
}

TEST_F(CommandTest, FailsWhenTheGuestsProgramFails) {
  const Result result = Run({"vm", "exec", "lab", "false"});
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.err, "grayling: false ended with exit code 1\n");
}

TEST_F(CommandTest, InjectsAFaultWithParameters) {
  const Result result =
      Run({"fault", "inject", "network.delay", "--vm", "lab", "--service", "visits-service",
           "--param", "delay_ms=40", "--param", "jitter_ms=2.5", "--duration", "1m30s"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(faults_.injected.vm(), "vms/lab");
  EXPECT_EQ(faults_.injected.parameters().at("delay_ms"), 40);
  EXPECT_EQ(faults_.injected.parameters().at("jitter_ms"), 2.5);
  EXPECT_EQ(faults_.injected.duration().seconds(), 90);
}

TEST_F(CommandTest, NamesMarksThatTheJournalDidNotKnow) {
  EXPECT_THAT(Run({"fault", "revert", "--all"}).out, HasSubstr("netem on veth12"));
}

TEST_F(CommandTest, ScrapesAGuestPortThroughItsForward) {
  const Result result = Run({"metric", "target", "add", "probe", "--vm", "lab", "--guest-port",
                             "9435", "--label", "service=visits-service", "--period", "500ms"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(metrics_.created.scrape_target_id(), "probe");
  const v1::ScrapeTarget& target = metrics_.created.scrape_target();
  EXPECT_EQ(target.url(), "http://127.0.0.1:43210/metrics");
  EXPECT_EQ(target.labels().at("service"), "visits-service");
  EXPECT_EQ(target.period().nanos(), 500'000'000);
}

TEST_F(CommandTest, SaysWhichForwardIsMissing) {
  const Result result =
      Run({"metric", "target", "add", "probe", "--vm", "lab", "--guest-port", "1"});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("vms/lab forwards no host port to guest port 1"));
}

TEST_F(CommandTest, PrintsTheSecondsToTheFirstLaterAlarm) {
  const Result result = Run({"detect", "wait-alarm", "--after", "2026-03-01T10:15:00.500Z"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.out, "6.500\n");
  const Result json =
      Run({"detect", "wait-alarm", "--after", "2026-03-01T10:15:00.500Z", "--output", "json"});
  EXPECT_EQ(nlohmann::json::parse(json.out)["alarm"]["name"], "alarms/1772360107");
}

TEST_F(CommandTest, FailsWhenNoAlarmBeginsInTime) {
  const Result result = Run({"detect", "wait-alarm", "--after", "now", "--timeout", "0s"});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("no alarm began within 0"));
}

}  // namespace
}  // namespace grayling
