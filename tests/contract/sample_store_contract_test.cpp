// What every SampleStore must do, whatever keeps the samples.
#include <rapidcheck.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/contract/sample_store_backends.h"
#include "tests/unit/metrics/memory_sample_store.h"
#include "tests/unit/store/temporary_folder.h"

namespace grayling {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr int64_t kStartMs = 1'700'000'000'000;

absl::Time At(int64_t offset_ms) { return absl::FromUnixMillis(kStartMs + offset_ms); }

// Offset and bits of each sample.
using Points = std::vector<std::pair<int64_t, uint64_t>>;

uint64_t Bits(double value) { return std::bit_cast<uint64_t>(value); }

absl::StatusOr<std::map<SeriesId, Points>> ReadAll(SampleStore& store,
                                                   const std::vector<SeriesId>& series,
                                                   absl::Time from, absl::Time to) {
  std::map<SeriesId, Points> all;
  const absl::Status status =
      store.Read(series, from, to, [&all](SeriesId id, const SeriesSamples& samples) {
        EXPECT_EQ(samples.times_ms.size(), samples.values.size());
        EXPECT_FALSE(samples.times_ms.empty());
        Points& points = all[id];
        for (size_t i = 0; i < samples.times_ms.size(); ++i) {
          points.emplace_back(samples.times_ms[i] - kStartMs, Bits(samples.values[i]));
        }
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  return all;
}

// What a scan visits, as the last value of each series and instant.
absl::StatusOr<std::map<SeriesId, Points>> ScanAll(SampleStore& store, absl::Time from,
                                                   absl::Time to) {
  std::map<SeriesId, std::map<int64_t, uint64_t>> last;
  int64_t before = std::numeric_limits<int64_t>::min();
  const absl::Status status = store.Scan(from, to, [&](const SampleBatch& batch) {
    EXPECT_TRUE(batch.times_ms.empty());
    EXPECT_GE(batch.time_ms, before);
    before = batch.time_ms;
    for (size_t i = 0; i < batch.series.size(); ++i) {
      last[batch.series[i]][batch.time_ms - kStartMs] = Bits(batch.values[i]);
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  std::map<SeriesId, Points> all;
  for (const auto& [id, points] : last) all[id] = Points(points.begin(), points.end());
  return all;
}

class SampleStoreContract : public ::testing::TestWithParam<SampleStoreBackend> {
 protected:
  void SetUp() override {
    if (!GetParam().skip.empty()) GTEST_SKIP() << GetParam().skip;
    Reopen();
  }

  void Reopen() {
    store_.reset();
    auto opened = GetParam().open(folder_.File(""));
    ASSERT_TRUE(opened.ok()) << opened.status();
    store_ = *std::move(opened);
  }
  void Settle() {
    if (!GetParam().settle) return;
    const absl::Status status = GetParam().settle(*store_);
    ASSERT_TRUE(status.ok()) << status;
  }
  void Append(int64_t offset_ms, const std::vector<std::pair<std::string, double>>& samples) {
    SampleBatch batch{"scrapeTargets/a", kStartMs + offset_ms, {}, {}};
    for (const auto& [series, value] : samples) {
      batch.series.push_back(*store_->Intern(series));
      batch.values.push_back(value);
    }
    const absl::Status status = store_->Append(batch);
    ASSERT_TRUE(status.ok()) << status;
  }
  Points Read(const std::string& series, absl::Time from = absl::InfinitePast(),
              absl::Time to = absl::InfiniteFuture()) {
    const SeriesId id = *store_->Intern(series);
    auto all = ReadAll(*store_, {id}, from, to);
    EXPECT_TRUE(all.ok()) << all.status();
    return all.ok() ? (*all)[id] : Points();
  }
  std::vector<std::string> Select(const std::string& selector) {
    std::vector<std::string> texts;
    const std::vector<SeriesId> ids = store_->Select(*SeriesSelector::Parse(selector)).value();
    for (const SeriesId id : ids) {
      texts.push_back(*store_->Text(id));
    }
    return texts;
  }

  TemporaryFolder folder_;
  std::unique_ptr<SampleStore> store_;
};

TEST_P(SampleStoreContract, GivesDenseIdsOncePerText) {
  EXPECT_EQ(*store_->Intern("a"), 0u);
  EXPECT_EQ(*store_->Intern("b{x=\"y\"}"), 1u);
  EXPECT_EQ(*store_->Intern("a"), 0u);
  EXPECT_EQ(*store_->Text(1), "b{x=\"y\"}");
  EXPECT_THAT(*store_->ListSeries(), ElementsAre("a", "b{x=\"y\"}"));
}

TEST_P(SampleStoreContract, SaysNotFoundForAnIdThatWasNeverGivenOut) {
  EXPECT_TRUE(absl::IsNotFound(store_->Text(7).status()));
  EXPECT_TRUE(absl::IsNotFound(
      ReadAll(*store_, {7}, absl::InfinitePast(), absl::InfiniteFuture()).status()));
}

TEST_P(SampleStoreContract, RefusesBatchesThatAreNotWellFormed) {
  const SeriesId a = *store_->Intern("a");
  EXPECT_TRUE(absl::IsInvalidArgument(store_->Append({"t", kStartMs, {a}, {}})));
  EXPECT_TRUE(absl::IsInvalidArgument(store_->Append({"t", kStartMs, {a}, {1.0}, {1, 2}})));
  EXPECT_TRUE(absl::IsInvalidArgument(store_->Append({"t", kStartMs, {a + 1}, {1.0}})));
  EXPECT_THAT(Read("a"), IsEmpty());
}

TEST_P(SampleStoreContract, ReadsAHalfOpenRange) {
  for (const int ms : {0, 1, 2, 3}) Append(ms, {{"a", ms}, {"b", -1}});
  Settle();
  EXPECT_THAT(Read("a", At(1), At(3)), ElementsAre(Pair(1, Bits(1)), Pair(2, Bits(2))));
  EXPECT_THAT(Read("a", At(1) + absl::Nanoseconds(1), At(3) + absl::Nanoseconds(1)),
              ElementsAre(Pair(2, Bits(2)), Pair(3, Bits(3))));
  EXPECT_THAT(Read("a", At(3), At(3)), IsEmpty());
  EXPECT_THAT(Read("a", At(4), absl::InfiniteFuture()), IsEmpty());
}

TEST_P(SampleStoreContract, VisitsTheSeriesInTheOrderGivenAndSkipsThoseWithoutSamples) {
  Append(0, {{"a", 1}, {"b", 2}, {"d", 4}});
  const SeriesId empty = *store_->Intern("c");
  Settle();
  std::vector<SeriesId> visited;
  const std::vector<SeriesId> wanted = {*store_->Intern("d"), empty, *store_->Intern("a")};
  const absl::Status status =
      store_->Read(wanted, At(0), At(1), [&visited](SeriesId id, const SeriesSamples&) {
        visited.push_back(id);
        return absl::OkStatus();
      });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_THAT(visited, ElementsAre(wanted[0], wanted[2]));
}

TEST_P(SampleStoreContract, StopsAtTheVisitorsFirstError) {
  for (const int ms : {0, 1, 2}) Append(ms, {{"a", 1}, {"b", 2}});
  Settle();
  int visits = 0;
  const auto stop = [&visits] {
    ++visits;
    return absl::CancelledError("enough");
  };
  EXPECT_TRUE(absl::IsCancelled(
      store_->Scan(At(0), At(9), [&stop](const SampleBatch&) { return stop(); })));
  const std::vector<SeriesId> both = {0, 1};
  EXPECT_TRUE(absl::IsCancelled(store_->Read(
      both, At(0), At(9), [&stop](SeriesId, const SeriesSamples&) { return stop(); })));
  EXPECT_EQ(visits, 2);
}

TEST_P(SampleStoreContract, KeepsEveryValueBitByBit) {
  const std::vector<double> values = {StaleMarker(),
                                      std::bit_cast<double>(uint64_t{0x7ff8000000000001}),
                                      std::bit_cast<double>(uint64_t{0xfff0dead0000beef}),
                                      std::numeric_limits<double>::infinity(),
                                      -std::numeric_limits<double>::infinity(),
                                      -0.0,
                                      0.0,
                                      std::numeric_limits<double>::denorm_min(),
                                      std::numeric_limits<double>::max(),
                                      0.1 + 0.2,
                                      1e-12,
                                      9007199254740993.0};
  Points expected;
  for (size_t i = 0; i < values.size(); ++i) {
    const auto ms = static_cast<int64_t>(i);
    Append(ms, {{"a", values[i]}, {"constant", values[0]}});
    expected.emplace_back(ms, Bits(values[i]));
  }
  Settle();
  EXPECT_EQ(Read("a"), expected);
  EXPECT_EQ(Read("constant").back().second, kStaleBits);
  EXPECT_EQ((*ScanAll(*store_, At(0), At(99)))[0], expected);
}

TEST_P(SampleStoreContract, KeepsTheInstantOfEachSample) {
  const SeriesId a = *store_->Intern("a");
  const SeriesId b = *store_->Intern("b");
  ASSERT_TRUE(
      store_->Append({"t", kStartMs, {a, b, a}, {1, 2, 3}, {kStartMs + 5, kStartMs - 7, kStartMs}})
          .ok());
  Settle();
  EXPECT_THAT(Read("a"), ElementsAre(Pair(0, Bits(3)), Pair(5, Bits(1))));
  EXPECT_THAT(Read("b"), ElementsAre(Pair(-7, Bits(2))));
  std::vector<int64_t> instants;
  ASSERT_TRUE(store_
                  ->Scan(At(-9), At(9),
                         [&instants](const SampleBatch& batch) {
                           instants.push_back(batch.time_ms - kStartMs);
                           return absl::OkStatus();
                         })
                  .ok());
  EXPECT_THAT(instants, ElementsAre(-7, 0, 5));
}

TEST_P(SampleStoreContract, OrdersLateSamplesAndLetsTheLastWrittenCount) {
  Append(30, {{"a", 3}});
  Append(10, {{"a", 1}});
  Append(30, {{"a", 33}});
  Settle();
  Append(20, {{"a", 2}});
  Append(10, {{"a", 11}});
  EXPECT_THAT(Read("a"), ElementsAre(Pair(10, Bits(11)), Pair(20, Bits(2)), Pair(30, Bits(33))));
  Settle();
  Append(30, {{"a", 333}, {"a", 334}});
  const Points expected = {{10, Bits(11)}, {20, Bits(2)}, {30, Bits(334)}};
  EXPECT_EQ(Read("a"), expected);
  EXPECT_EQ((*ScanAll(*store_, At(0), At(99)))[0], expected);
  Settle();
  EXPECT_EQ(Read("a"), expected);
  EXPECT_EQ((*ScanAll(*store_, At(0), At(99)))[0], expected);
}

TEST_P(SampleStoreContract, LetsTheLastWrittenCountWhoeverWroteIt) {
  const SeriesId a = *store_->Intern("a");
  ASSERT_TRUE(store_->Append({"first", kStartMs, {a}, {1}}).ok());
  ASSERT_TRUE(store_->Append({"second", kStartMs, {a}, {2}}).ok());
  ASSERT_TRUE(store_->Append({"first", kStartMs + 1, {a}, {3}}).ok());
  Settle();
  ASSERT_TRUE(store_->Append({"third", kStartMs + 1, {a}, {4}}).ok());
  Settle();
  EXPECT_THAT(Read("a"), ElementsAre(Pair(0, Bits(2)), Pair(1, Bits(4))));
}

TEST_P(SampleStoreContract, SelectsByMatchers) {
  for (const char* text :
       {"up{instance=\"1\",job=\"node\"}", "up{instance=\"2\"}", "down{job=\"node\"}", "up"}) {
    ASSERT_TRUE(store_->Intern(text).ok());
  }
  EXPECT_THAT(Select("up"),
              ElementsAre("up{instance=\"1\",job=\"node\"}", "up{instance=\"2\"}", "up"));
  EXPECT_THAT(Select("{job=\"node\"}"),
              ElementsAre("up{instance=\"1\",job=\"node\"}", "down{job=\"node\"}"));
  EXPECT_THAT(Select("up{job=\"\"}"), ElementsAre("up{instance=\"2\"}", "up"));
  EXPECT_THAT(Select("up{job!=\"node\"}"), ElementsAre("up{instance=\"2\"}", "up"));
  EXPECT_THAT(Select("{instance=~\"1|2\"}"),
              ElementsAre("up{instance=\"1\",job=\"node\"}", "up{instance=\"2\"}"));
  EXPECT_THAT(Select("{__name__=~\"u.*\",instance!~\"1\"}"),
              ElementsAre("up{instance=\"2\"}", "up"));
  EXPECT_THAT(Select("{instance=~\".+\",job!=\"\"}"),
              ElementsAre("up{instance=\"1\",job=\"node\"}"));
  EXPECT_THAT(Select("{job=\"nod\"}"), IsEmpty());
  EXPECT_EQ(Select("").size(), 4u);
}

TEST_P(SampleStoreContract, TakesUnicodeAndOddNames) {
  const std::vector<std::string> texts = {"größe{ort=\"Köln 🐟\"}", "{\"the.name\",a=\"x\"}",
                                          "a{x=\"q\\\"b\\\\s\\nn\"}", "a:b{le=\"+Inf\"}",
                                          "{\"the.name\",\"my.label\"=\"{}=,\"}"};
  for (size_t i = 0; i < texts.size(); ++i) Append(0, {{texts[i], static_cast<double>(i)}});
  Settle();
  for (size_t i = 0; i < texts.size(); ++i) {
    EXPECT_THAT(Read(texts[i]), ElementsAre(Pair(0, Bits(static_cast<double>(i)))));
  }
  EXPECT_THAT(Select("{\"the.name\"}"), ElementsAre(texts[1], texts[4]));
  EXPECT_THAT(Select("{ort=\"Köln 🐟\"}"), ElementsAre(texts[0]));
  EXPECT_THAT(Select("{x=\"q\\\"b\\\\s\\nn\"}"), ElementsAre(texts[2]));
  EXPECT_THAT(Select("{\"my.label\"=\"{}=,\"}"), ElementsAre(texts[4]));
}

TEST_P(SampleStoreContract, KeepsManySeries) {
  const char* wanted = std::getenv("GRAYLING_TEST_SERIES");
  const int count = wanted == nullptr ? 100'000 : std::atoi(wanted);
  SampleBatch batch{"t", kStartMs, {}, {}};
  for (int i = 0; i < count; ++i) {
    batch.series.push_back(*store_->Intern(absl::StrCat("m", i % 100, "{i=\"", i, "\"}")));
    batch.values.push_back(i);
  }
  ASSERT_TRUE(store_->Append(batch).ok());
  batch.time_ms += 1000;
  ASSERT_TRUE(store_->Append(batch).ok());
  Settle();
  EXPECT_EQ(store_->Figures().series, static_cast<uint64_t>(count));
  EXPECT_THAT(Select("m7{i=\"107\"}"), ElementsAre("m7{i=\"107\"}"));
  EXPECT_EQ(Select("m7").size(), static_cast<size_t>(count) / 100);
  const std::vector<SeriesId> ids = *store_->Select(*SeriesSelector::Parse("m7"));
  const auto all = ReadAll(*store_, ids, absl::InfinitePast(), absl::InfiniteFuture());
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_EQ(all->size(), ids.size());
  for (const auto& [id, points] : *all) {
    ASSERT_THAT(points, ElementsAre(Pair(0, Bits(id)), Pair(1000, Bits(id))));
  }
}

TEST_P(SampleStoreContract, HasEverythingFlushedAfterReopening) {
  if (!GetParam().survives_reopening) GTEST_SKIP() << "this backend keeps nothing";
  Append(0, {{"a", 1}, {"b", 2}});
  Settle();
  Append(1, {{"a", 3}});
  Append(0, {{"b", 4}});
  ASSERT_TRUE(store_->Flush().ok());
  Reopen();
  EXPECT_THAT(*store_->ListSeries(), ElementsAre("a", "b"));
  EXPECT_THAT(Read("a"), ElementsAre(Pair(0, Bits(1)), Pair(1, Bits(3))));
  EXPECT_THAT(Read("b"), ElementsAre(Pair(0, Bits(4))));
  Append(0, {{"b", 5}, {"c", 6}});
  Settle();
  EXPECT_THAT(Read("b"), ElementsAre(Pair(0, Bits(5))));
  EXPECT_EQ(*store_->Intern("c"), 2u);
}

TEST_P(SampleStoreContract, ForgetsWhatIsOldAndInNoKeptRange) {
  constexpr int64_t kDay = 24 * 3'600'000;
  for (int64_t day = 0; day < 6; ++day) {
    Append(day * kDay, {{"a", static_cast<double>(day)}});
    Settle();
  }
  const std::vector<TimeRange> kept = {{At(kDay), At(kDay + 1)}, {At(2 * kDay - 9), At(2 * kDay)}};
  const absl::Status status = store_->Expire(At(4 * kDay), kept);
  if (!GetParam().can_expire) {
    EXPECT_TRUE(absl::IsUnimplemented(status)) << status;
    return;
  }
  ASSERT_TRUE(status.ok()) << status;
  std::map<int64_t, uint64_t> left;
  for (const auto& [offset, bits] : Read("a")) left[offset / kDay] = bits;
  EXPECT_TRUE(left.contains(1) && left.contains(4) && left.contains(5));
  if (GetParam().settle || GetParam().name == "Memory") {
    EXPECT_EQ(left.size(), 3u);
  }
  EXPECT_EQ(*store_->Intern("a"), 0u);
  Append(0, {{"a", 7}});
  EXPECT_EQ(Read("a").front(), std::pair(int64_t{0}, Bits(7)));
}

TEST_P(SampleStoreContract, DoesWhatTheSlowTwinDoes) {
  const bool held = rc::check([this] {
    TemporaryFolder folder;
    auto opened = GetParam().open(folder.File(""));
    RC_ASSERT(opened.ok());
    std::unique_ptr<SampleStore> store = *std::move(opened);
    MemorySampleStore twin;
    constexpr int kSeries = 70;  // more than a chunk has
    std::vector<SeriesId> ids;
    for (int i = 0; i < kSeries; ++i) {
      ids.push_back(*twin.Intern(absl::StrCat("s", i)));
      RC_ASSERT(*store->Intern(absl::StrCat("s", i)) == ids.back());
    }
    const auto instant = [] {  // crowded, across the windows of two hours
      return kStartMs + *rc::gen::inRange(-3, 3) * 3'600'000 + *rc::gen::inRange(0, 5);
    };
    const int batches = *rc::gen::inRange(1, 12);
    for (int b = 0; b < batches; ++b) {
      SampleBatch batch{absl::StrCat("t", *rc::gen::inRange(0, 3)), instant(), {}, {}};
      const int count = *rc::gen::inRange(0, 8);
      const bool own_times = *rc::gen::arbitrary<bool>();
      for (int i = 0; i < count; ++i) {
        batch.series.push_back(static_cast<SeriesId>(
            *rc::gen::element(0, 1, 2, kSeries - 1, *rc::gen::inRange(0, kSeries))));
        batch.values.push_back(*rc::gen::element(
            1.0, 2.5, StaleMarker(), std::bit_cast<double>(*rc::gen::arbitrary<uint64_t>())));
        if (own_times) batch.times_ms.push_back(instant());
      }
      RC_ASSERT(store->Append(batch).ok());
      RC_ASSERT(twin.Append(batch).ok());
      if (GetParam().settle && *rc::gen::inRange(0, 3) == 0) {
        RC_ASSERT(GetParam().settle(*store).ok());
      }
    }
    const absl::Time from = absl::FromUnixMillis(instant());
    const absl::Time to = absl::FromUnixMillis(instant());
    RC_ASSERT(*ReadAll(*store, ids, from, to) == *ReadAll(twin, ids, from, to));
    RC_ASSERT(*ScanAll(*store, from, to) == *ScanAll(twin, from, to));
    const absl::Time past = absl::InfinitePast();
    const absl::Time future = absl::InfiniteFuture();
    RC_ASSERT(*ReadAll(*store, ids, past, future) == *ReadAll(twin, ids, past, future));
    RC_ASSERT(*ScanAll(*store, past, future) == *ScanAll(twin, past, future));
    if (!GetParam().can_expire) return;
    const std::vector<TimeRange> kept = {
        {absl::FromUnixMillis(instant()), absl::FromUnixMillis(instant())}};
    RC_ASSERT(store->Expire(from, kept).ok());
    RC_ASSERT(twin.Expire(from, kept).ok());
    auto more = ReadAll(*store, ids, past, future).value();
    const auto least = ReadAll(twin, ids, past, future).value();
    for (const auto& [id, points] : least) {
      for (const auto& point : points) {
        RC_ASSERT(std::find(more[id].begin(), more[id].end(), point) != more[id].end());
      }
    }
  });
  EXPECT_TRUE(held);
}

INSTANTIATE_TEST_SUITE_P(Backends, SampleStoreContract, ::testing::ValuesIn(SampleStoreBackends()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace grayling
