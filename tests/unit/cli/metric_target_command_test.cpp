#include "gmock/gmock.h"
#include "grayling/v1/metric.grpc.pb.h"
#include "gtest/gtest.h"
#include "tests/unit/cli/fake_daemon.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;

// Takes every target and keeps the last request.
class FakeTargets final : public v1::MetricService::Service {
 public:
  grpc::Status CreateScrapeTarget(grpc::ServerContext*,
                                  const v1::CreateScrapeTargetRequest* request,
                                  v1::ScrapeTarget* response) override {
    asked = request->scrape_target();
    *response = asked;
    response->set_name("scrapeTargets/" + request->scrape_target_id());
    return grpc::Status::OK;
  }

  v1::ScrapeTarget asked;
};

class MetricTargetCommandTest : public ::testing::Test {
 protected:
  // `grayling metric target add node --url ... OPTIONS`
  Result Add(const std::vector<std::string>& options) {
    std::vector<std::string> arguments = {"metric", "target", "add",
                                          "node",   "--url",  "http://127.0.0.1:9100/metrics"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return RunGrayling(daemon_.address(), std::move(arguments));
  }

  FakeTargets targets_;
  FakeDaemon daemon_{{&targets_}};
};

TEST_F(MetricTargetCommandTest, LeavesWhatWasNotGivenToTheDaemon) {
  ASSERT_EQ(Add({}).status, 0);
  v1::ScrapeTarget expected;
  expected.set_url("http://127.0.0.1:9100/metrics");
  expected.mutable_period()->set_seconds(1);
  EXPECT_EQ(targets_.asked.SerializeAsString(), expected.SerializeAsString());
}

TEST_F(MetricTargetCommandTest, SendsTheRelabellingInItsFixedOrder) {
  const Result result = Add({"--labeldrop", "pod_uid|id", "--labelmap", "k8s_(.*)=$1", "--replace",
                             "host=instance/(.*):.*/$1", "--rename", "old_(.*)=new_$1", "--drop",
                             "{__name__=~\"go_.*\"}", "--keep", "{job=\"a\"}"});
  ASSERT_EQ(result.status, 0) << result.err;
  const auto& rules = targets_.asked.relabel();
  ASSERT_EQ(rules.size(), 6);
  EXPECT_EQ(rules[0].action(), v1::RelabelRule::ACTION_KEEP);
  EXPECT_EQ(rules[0].selector(), "{job=\"a\"}");
  EXPECT_EQ(rules[1].action(), v1::RelabelRule::ACTION_DROP);
  EXPECT_EQ(rules[1].selector(), "{__name__=~\"go_.*\"}");
  EXPECT_EQ(rules[2].action(), v1::RelabelRule::ACTION_REPLACE);
  EXPECT_EQ(rules[2].source_labels(0), "__name__");
  EXPECT_EQ(rules[2].target_label(), "__name__");
  EXPECT_EQ(rules[2].regex(), "old_(.*)");
  EXPECT_EQ(rules[2].replacement(), "new_$1");
  EXPECT_EQ(rules[3].source_labels(0), "instance");
  EXPECT_EQ(rules[3].target_label(), "host");
  EXPECT_EQ(rules[3].regex(), "(.*):.*");
  EXPECT_EQ(rules[3].replacement(), "$1");
  EXPECT_EQ(rules[4].action(), v1::RelabelRule::ACTION_LABEL_MAP);
  EXPECT_EQ(rules[4].regex(), "k8s_(.*)");
  EXPECT_EQ(rules[5].action(), v1::RelabelRule::ACTION_LABEL_DROP);
  EXPECT_EQ(rules[5].regex(), "pod_uid|id");
}

TEST_F(MetricTargetCommandTest, SendsHowTheTargetIsReachedAndAsWhom) {
  const Result result = Add({"--ssh", "root@guest", "--username", "u", "--password-file", "/p",
                             "--ca-file", "/ca", "--cert-file", "/cert", "--key-file", "/key",
                             "--server-name", "exporter", "--insecure", "--body-limit", "1000"});
  ASSERT_EQ(result.status, 0) << result.err;
  const v1::ScrapeTarget& asked = targets_.asked;
  EXPECT_EQ(asked.ssh_host(), "root@guest");
  EXPECT_EQ(asked.credentials().username(), "u");
  EXPECT_EQ(asked.credentials().password_file(), "/p");
  EXPECT_EQ(asked.tls().ca_file(), "/ca");
  EXPECT_EQ(asked.tls().cert_file(), "/cert");
  EXPECT_EQ(asked.tls().key_file(), "/key");
  EXPECT_EQ(asked.tls().server_name(), "exporter");
  EXPECT_TRUE(asked.tls().insecure());
  EXPECT_EQ(asked.largest_body_bytes(), 1000u);
}

TEST_F(MetricTargetCommandTest, SendsHowSamplesAreTaken) {
  ASSERT_EQ(Add({"--gala-gopher", "--ignore-timestamps", "--honor-labels",
                 "--track-timestamps-staleness", "--unix-socket", "/run/exporter"})
                .status,
            0);
  const v1::ScrapeTarget& asked = targets_.asked;
  EXPECT_EQ(asked.dialect(), v1::SCRAPE_DIALECT_GALA_GOPHER);
  EXPECT_TRUE(asked.has_honor_timestamps());
  EXPECT_FALSE(asked.honor_timestamps());
  EXPECT_TRUE(asked.honor_labels());
  EXPECT_TRUE(asked.track_timestamps_staleness());
  EXPECT_EQ(asked.unix_socket(), "/run/exporter");
}

TEST_F(MetricTargetCommandTest, ShowsHowARuleIsWritten) {
  EXPECT_THAT(Add({"--rename", "nonsense"}).err, HasSubstr("'old_(.*)=new_$1'"));
  EXPECT_THAT(Add({"--replace", "host=instance"}).err, HasSubstr("'host=instance/(.*):.*/$1'"));
  EXPECT_THAT(Add({"--labelmap", "nonsense"}).err, HasSubstr("--labelmap 'nonsense'"));
}

TEST_F(MetricTargetCommandTest, RefusesHalfAPasswordAndTwoSecrets) {
  EXPECT_NE(Add({"--username", "u"}).status, 0);
  EXPECT_NE(Add({"--username", "u", "--password-file", "/p", "--bearer-token-file", "/t"}).status,
            0);
}

}  // namespace
}  // namespace grayling
