#include "daemon/ingest/kafka_intake.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "tests/unit/metrics/memory_sample_store.h"

namespace grayling {
namespace {

// librdkafka's own mock of a cluster, and a real producer that writes to it.
class KafkaIntakeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    cluster_owner_ = Producer("");
    cluster_ = rd_kafka_mock_cluster_new(cluster_owner_, 1);
    ASSERT_NE(cluster_, nullptr);
    for (const char* topic : {"metrics", "metadata"}) {
      ASSERT_EQ(rd_kafka_mock_topic_create(cluster_, topic, 1, 1), RD_KAFKA_RESP_ERR_NO_ERROR);
    }
    settings_ = {rd_kafka_mock_cluster_bootstraps(cluster_), "metrics", "metadata", "grayling"};
    producer_ = Producer(settings_.brokers);
  }
  void TearDown() override {
    rd_kafka_destroy(producer_);
    rd_kafka_mock_cluster_destroy(cluster_);
    rd_kafka_destroy(cluster_owner_);
  }
  static rd_kafka_t* Producer(const std::string& brokers) {
    char error[256] = "";
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    if (!brokers.empty()) {
      rd_kafka_conf_set(conf, "bootstrap.servers", brokers.c_str(), error, sizeof error);
    }
    rd_kafka_t* producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
    EXPECT_NE(producer, nullptr) << error;
    return producer;
  }
  void Produce(const char* topic, std::string text) {
    ASSERT_EQ(rd_kafka_producev(producer_, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(0),
                                RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                RD_KAFKA_V_VALUE(text.data(), text.size()), RD_KAFKA_V_END),
              RD_KAFKA_RESP_ERR_NO_ERROR);
    ASSERT_EQ(rd_kafka_flush(producer_, 10'000), RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  void ProduceMetric(int value) {
    Produce("metrics", absl::StrCat(R"({"timestamp":)", 1000 + value,
                                    R"(,"entity_name":"proc","tgid":"1","rss":")", value, "\"}"));
  }
  // The offset that the group would read on from after a restart; below 0 before the first commit.
  // Asked for without joining the group, which the mock does not let anybody join a second time.
  int64_t Committed() {
    char error[256] = "";
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", settings_.brokers.c_str(), error, sizeof error);
    rd_kafka_conf_set(conf, "group.id", settings_.group.c_str(), error, sizeof error);
    rd_kafka_t* onlooker = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof error);
    rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, "metrics", 0);
    const rd_kafka_resp_err_t code = rd_kafka_committed(onlooker, list, 10'000);
    const int64_t offset = code == RD_KAFKA_RESP_ERR_NO_ERROR ? list->elems[0].offset : -1;
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_destroy(onlooker);
    return offset;
  }
  static bool Until(absl::FunctionRef<bool()> happened) {
    const absl::Time deadline = absl::Now() + absl::Seconds(40);
    while (!happened() && absl::Now() < deadline) absl::SleepFor(absl::Milliseconds(20));
    return happened();
  }

  rd_kafka_t* cluster_owner_ = nullptr;
  rd_kafka_mock_cluster_t* cluster_ = nullptr;
  rd_kafka_t* producer_ = nullptr;
  KafkaSettings settings_;
  SystemClock clock_;
};

TEST_F(KafkaIntakeTest, TakesEachMessageAndCommitsItOnlyWhenItIsDurable) {
  Produce("metadata",
          R"({"meta_name":"p","entity_name":"proc","keys":["tgid"],"metrics":["rss"]})");
  Produce("metrics", "no JSON");
  for (int i = 0; i < 3; ++i) ProduceMetric(i);
  MemorySampleStore store;
  SampleIntake intake(store, {});
  const KafkaIntake kafka(settings_, intake, clock_);
  ASSERT_TRUE(Until([&] { return Committed() == 4; }));
  ASSERT_EQ(store.Samples().size(), 3u);
  EXPECT_EQ(store.Samples()[2].series, "gala_gopher_proc_rss{tgid=\"1\"}");
  EXPECT_EQ(store.Samples()[2].time_ms, 1002);
  EXPECT_EQ(store.Samples()[2].value, 2);

  store.FailCommits(absl::ResourceExhaustedError("the disk is full"));
  const int commits = store.commits();
  ProduceMetric(3);
  ASSERT_TRUE(Until([&] { return store.commits() > commits; }));
  EXPECT_EQ(Committed(), 4);
  store.FailCommits(absl::OkStatus());
  ASSERT_TRUE(Until([&] { return Committed() == 5; }));
  EXPECT_EQ(store.Samples().back().value, 3);

  store.Refuse(absl::InvalidArgumentError("a sample is more than two days ahead"));
  ProduceMetric(4);
  EXPECT_TRUE(Until([&] { return Committed() == 6; }));
  EXPECT_EQ(store.Samples().back().value, 3);
}

}  // namespace
}  // namespace grayling
