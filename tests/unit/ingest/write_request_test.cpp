#include "daemon/ingest/write_request.h"

#include <rapidcheck.h>
#include <snappy.h>

#include <cmath>

#include "daemon/metrics/remote_write_body.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/ingest/write_request_text.h"
#include "tests/unit/metrics/memory_sample_store.h"

namespace grayling {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class WriteRequestTest : public ::testing::Test {
 protected:
  absl::Status Read(const std::string& message) { return ReadWriteRequest(message, keys_, batch_); }
  std::string TextOf(size_t i) { return *store_.Text(batch_.series[i]); }

  MemorySampleStore store_;
  SeriesKeys keys_{store_, &SeriesOfLabels};
  SampleBatch batch_;
};

const WrittenSeries kUp = {{{"__name__", "up"}, {"job", "a"}}, {{1, 1000}}};

TEST_F(WriteRequestTest, TakesSamplesOfSeveralInstants) {
  const std::string message =
      WriteRequestText({{{{"__name__", "up"}, {"job", "a"}}, {{1, 2000}, {0, 1000}}},
                        {{{"__name__", "x"}}, {{7, 3000}}}});
  ASSERT_TRUE(Read(message).ok());
  EXPECT_EQ(TextOf(0), "up{job=\"a\"}");
  EXPECT_EQ(TextOf(2), "x");
  EXPECT_THAT(batch_.values, ElementsAre(1, 0, 7));
  EXPECT_THAT(batch_.times_ms, ElementsAre(2000, 1000, 3000));
  EXPECT_EQ(batch_.time_ms, 1000);
}

TEST_F(WriteRequestTest, OneInstantIsOneTime) {
  ASSERT_TRUE(Read(WriteRequestText({kUp, {{{"__name__", "x"}}, {{7, 1000}}}})).ok());
  EXPECT_THAT(batch_.times_ms, IsEmpty());
  EXPECT_EQ(batch_.time_ms, 1000);
}

TEST_F(WriteRequestTest, SortsLabelsAndLeavesEmptyOnesOut) {
  ASSERT_TRUE(Read(WriteRequestText(
                       {{{{"z", "1"}, {"e", ""}, {"__name__", "m"}, {"a", "q\"\n"}}, {{1, 1}}}}))
                  .ok());
  EXPECT_EQ(TextOf(0), "m{a=\"q\\\"\\n\",z=\"1\"}");
}

TEST_F(WriteRequestTest, KeepsTheStaleMarker) {
  ASSERT_TRUE(Read(WriteRequestText({{{{"__name__", "m"}}, {{StaleMarker(), 1}}}})).ok());
  EXPECT_TRUE(IsStale(batch_.values[0]));
}

TEST_F(WriteRequestTest, PassesOverWhatItDoesNotKnow) {
  std::string series =
      LabelFields(kUp) + BytesField(3, "an exemplar") + BytesField(4, "a histogram");
  series += BytesField(2, SampleMessage(5, 6) + BytesField(9, "new"));
  const std::string message = BytesField(3, "metadata") + BytesField(1, series);
  ASSERT_TRUE(Read(message).ok());
  EXPECT_THAT(batch_.values, ElementsAre(5));
  EXPECT_EQ(batch_.time_ms, 6);
}

TEST_F(WriteRequestTest, TakesLabelsThatStandApart) {
  const std::string name = BytesField(1, BytesField(1, "__name__") + BytesField(2, "m"));
  const std::string job = BytesField(1, BytesField(1, "job") + BytesField(2, "a"));
  const std::string message = BytesField(1, name + BytesField(2, SampleMessage(5, 6)) + job);
  ASSERT_TRUE(Read(message).ok());
  EXPECT_EQ(TextOf(0), "m{job=\"a\"}");
}

TEST_F(WriteRequestTest, RefusesWhatIsNoSeries) {
  const auto says = [&](const WrittenSeries& series) {
    const absl::Status status = Read(WriteRequestText({series}));
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    return std::string(status.message());
  };
  EXPECT_THAT(says({{{"job", "a"}}, {{1, 1}}}), HasSubstr("no label __name__"));
  EXPECT_THAT(says({{{"__name__", "m"}, {"a", "1"}, {"a", "2"}}, {{1, 1}}}),
              HasSubstr("'a' twice"));
  EXPECT_THAT(says({{{"__name__", "m"}, {"", "2"}}, {{1, 1}}}), HasSubstr("has no name"));
  EXPECT_THAT(says({{{"__name__", "m"}, {"a", "\xff"}}, {{1, 1}}}), HasSubstr("no UTF-8"));
  EXPECT_THAT(says({{{"__name__", "m"}}, {{1, -5}}}), HasSubstr("1970"));
}

TEST_F(WriteRequestTest, NamesTheByteOfTheSeriesThatIsWrong) {
  const std::string good = WriteRequestText({kUp});
  const absl::Status status = Read(good + WriteRequestText({{{{"job", "a"}}, {{1, 1}}}}));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr(absl::StrCat("byte ", good.size(), " of the message")));
}

TEST_F(WriteRequestTest, LooksASeriesUpOnce) {
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(Read(WriteRequestText({kUp})).ok());
  EXPECT_EQ(store_.interned(), 1u);
}

TEST_F(WriteRequestTest, ReadsWhatTheObviousEncoderWrites) {
  EXPECT_TRUE(rc::check(
      [](const std::vector<std::pair<uint8_t, std::vector<std::pair<double, uint32_t>>>>& drawn) {
        MemorySampleStore store;
        SeriesKeys keys(store, &SeriesOfLabels);
        SampleBatch batch;
        std::vector<WrittenSeries> list;
        std::vector<MemorySampleStore::Sample> expected;
        for (const auto& [id, samples] : drawn) {
          WrittenSeries series{{{"__name__", "m"}, {"id", std::to_string(id)}}, {}};
          for (const auto& [value, time] : samples) {
            series.samples.emplace_back(value, time);
            expected.push_back({absl::StrCat("m{id=\"", static_cast<int>(id), "\"}"), time, value});
          }
          list.push_back(series);
        }
        RC_ASSERT(ReadWriteRequest(WriteRequestText(list), keys, batch).ok());
        RC_ASSERT(batch.series.size() == expected.size());
        for (size_t i = 0; i < expected.size(); ++i) {
          RC_ASSERT(*store.Text(batch.series[i]) == expected[i].series);
          RC_ASSERT(batch.TimeOf(i) == expected[i].time_ms);
          RC_ASSERT(std::bit_cast<uint64_t>(batch.values[i]) ==
                    std::bit_cast<uint64_t>(expected[i].value));
        }
      }));
}

// What this daemon sends to VictoriaMetrics is what this daemon takes.
TEST_F(WriteRequestTest, ReadsWhatTheDaemonItselfSends) {
  const std::vector<std::string> texts = {"up", R"(m{Z="up",a="x\"\n"})", R"({"a.b",c="d"})"};
  std::vector<SeriesId> ids;
  for (const std::string& text : texts) ids.push_back(*store_.Intern(text));
  RemoteWriteBody body;
  const auto packed = body.Encode({ids[2], ids[0], ids[1], ids[0]}, {1000, 3000, 5, 2000},
                                  {1, -0.0, StaleMarker(), HUGE_VAL},
                                  [this](SeriesId id) { return store_.Text(id); });
  ASSERT_TRUE(packed.ok());
  std::string message;
  ASSERT_TRUE(snappy::Uncompress(packed->data(), packed->size(), &message));
  ASSERT_TRUE(Read(message).ok());
  EXPECT_THAT(batch_.series, ElementsAre(ids[0], ids[0], ids[1], ids[2]));
  EXPECT_THAT(batch_.times_ms, ElementsAre(2000, 3000, 5, 1000));
  EXPECT_EQ(batch_.values[0], HUGE_VAL);
  EXPECT_TRUE(std::signbit(batch_.values[1]));
  EXPECT_TRUE(IsStale(batch_.values[2]));
}

// A damaged message is refused or read as another one, but nothing is read outside it.
TEST_F(WriteRequestTest, SurvivesDamage) {
  const std::string whole = WriteRequestText({kUp, {{{"__name__", "x"}}, {{7, 3000}, {8, 4000}}}});
  EXPECT_TRUE(rc::check([&](size_t at, char byte, size_t size) {
    std::string damaged = whole;
    damaged[at % damaged.size()] = byte;
    damaged.resize(size % (damaged.size() + 1));
    const std::string tight(damaged.begin(), damaged.end());
    const absl::Status status = Read(tight);
    RC_ASSERT(status.ok() || absl::IsInvalidArgument(status));
    if (status.ok()) RC_ASSERT(batch_.series.size() == batch_.values.size());
  }));
}

}  // namespace
}  // namespace grayling
