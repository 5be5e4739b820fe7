#include "daemon/ingest/gala_messages.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/metrics/memory_sample_store.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;

constexpr char kLinkMetadata[] =
    R"({"timestamp":1,"meta_name":"tcp_tx_rx","entity_name":"tcp_link","version":"1.0.0",)"
    R"("keys":["tgid","role"],"labels":["comm"],"metrics":["rx_bytes","tx_bytes","srtt"]})";

class GalaMessagesTest : public ::testing::Test {
 protected:
  absl::Status Read(absl::string_view message) { return messages_.Read(message, batch_); }
  double ValueOf(absl::string_view series) {
    for (size_t i = 0; i < batch_.series.size(); ++i) {
      if (*store_.Text(batch_.series[i]) == series) return batch_.values[i];
    }
    ADD_FAILURE() << series << " is not there";
    return -1;
  }

  MemorySampleStore store_;
  GalaMessages messages_{store_};
  SampleBatch batch_;
};

TEST_F(GalaMessagesTest, SplitsMetricsFromLabelsByTheMetadata) {
  ASSERT_TRUE(messages_.Learn(kLinkMetadata).ok());
  ASSERT_TRUE(
      Read(R"({"timestamp":1700000000123,"machine_id":"m1","entity_name":"tcp_link",)"
           R"("tgid":"812","role":"client","comm":"ja\"va","rx_bytes":"110","tx_bytes":"7"})")
          .ok());
  ASSERT_EQ(batch_.series.size(), 2u);
  const char* labels = R"({comm="ja\"va",machine_id="m1",role="client",tgid="812"})";
  EXPECT_EQ(ValueOf(absl::StrCat("gala_gopher_tcp_link_rx_bytes", labels)), 110);
  EXPECT_EQ(ValueOf(absl::StrCat("gala_gopher_tcp_link_tx_bytes", labels)), 7);
  EXPECT_EQ(batch_.times_ms[0], 1700000000123);
}

TEST_F(GalaMessagesTest, AStampMayBeText) {
  ASSERT_TRUE(messages_.Learn(kLinkMetadata).ok());
  ASSERT_TRUE(Read(R"({"timestamp":"5","entity_name":"tcp_link","tgid":"1","role":"c",)"
                   R"("rx_bytes":"1"})")
                  .ok());
  EXPECT_EQ(batch_.times_ms[0], 5);
}

TEST_F(GalaMessagesTest, OnlyTablesWhoseKeysAreThereSayWhatIsAMetric) {
  ASSERT_TRUE(messages_.Learn(kLinkMetadata).ok());
  ASSERT_TRUE(messages_
                  .Learn(R"({"meta_name":"tcp_abn","entity_name":"tcp_link","keys":["pid"],)"
                         R"("labels":[],"metrics":["comm","retran"]})")
                  .ok());
  ASSERT_TRUE(Read(R"({"timestamp":5,"entity_name":"tcp_link","tgid":"1","role":"c","comm":"9",)"
                   R"("rx_bytes":"1"})")
                  .ok());
  EXPECT_EQ(ValueOf(R"(gala_gopher_tcp_link_rx_bytes{comm="9",role="c",tgid="1"})"), 1);
}

TEST_F(GalaMessagesTest, PassesOverAMetricThatIsNoNumber) {
  ASSERT_TRUE(messages_.Learn(kLinkMetadata).ok());
  ASSERT_TRUE(Read(R"({"timestamp":5,"entity_name":"tcp_link","tgid":"1","role":"c",)"
                   R"("srtt":"50:1 100:2","rx_bytes":"1"})")
                  .ok());
  EXPECT_EQ(batch_.series.size(), 1u);
  EXPECT_EQ(ValueOf(R"(gala_gopher_tcp_link_rx_bytes{role="c",tgid="1"})"), 1);
}

TEST_F(GalaMessagesTest, RefusesWhatItCannotRead) {
  ASSERT_TRUE(messages_.Learn(kLinkMetadata).ok());
  EXPECT_TRUE(absl::IsInvalidArgument(Read("{\"timestamp\":")));
  EXPECT_TRUE(absl::IsInvalidArgument(Read("[]")));
  EXPECT_TRUE(absl::IsInvalidArgument(Read(R"({"entity_name":"tcp_link"})")));
  EXPECT_TRUE(absl::IsInvalidArgument(Read(R"({"timestamp":-1,"entity_name":"tcp_link"})")));
  const absl::Status unknown = Read(R"({"timestamp":1,"entity_name":"proc"})");
  EXPECT_TRUE(absl::IsNotFound(unknown));
  EXPECT_THAT(std::string(unknown.message()), HasSubstr("proc"));
  EXPECT_TRUE(absl::IsInvalidArgument(messages_.Learn(R"({"entity_name":"proc"})")));
  EXPECT_TRUE(batch_.series.empty());
}

}  // namespace
}  // namespace grayling
