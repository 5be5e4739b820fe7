#include "ml/core/localise.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <numeric>

#include "ml/core/localisation_metrics.h"
#include "tests/unit/ml/shop_recording.h"

namespace grayling {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// What a wobble of a few per cent may leave in a score; a fault leaves more than 0.5.
constexpr double kNoise = 0.05;

// front calls cart and orders, orders calls payment; each call's latency and each service's own.
ShopRecording MeasuredShop() {
  ShopRecording shop;
  for (const std::string service : {"front", "cart", "orders", "payment"}) {
    shop.Column(service + "/latency_seconds", 0.02F).Column(service + "/cpu_percent", 20);
  }
  for (const std::string call : {"front>cart", "front>orders", "orders>payment"})
    shop.Column(call + "/latency_seconds", 0.01F);
  return shop;
}

Localisation Find(ShopRecording& shop) {
  const absl::StatusOr<Localisation> found = Localise(shop.dataset(), shop.run(), shop.start());
  EXPECT_TRUE(found.ok()) << found.status();
  return found.ok() ? *found : Localisation();
}

std::vector<std::string> Names(const Localisation& found) {
  std::vector<std::string> names;
  for (const RankedService& ranked : found.ranking) names.push_back(ranked.service);
  return names;
}

std::string First(ShopRecording& shop) { return Names(Find(shop)).at(0); }

double ScoreOf(const Localisation& found, const std::string& service) {
  for (const RankedService& ranked : found.ranking) {
    if (ranked.service == service) return ranked.score;
  }
  return std::nan("");
}

TEST(Localise, NamesTheCalleeOfTheSlowCallThoughItsOwnMetricsLookHealthy) {
  ShopRecording shop = MeasuredShop();
  shop.During("front>cart/latency_seconds", 20).During("front/latency_seconds", 9);
  EXPECT_EQ(First(shop), "cart");
}

TEST(Localise, ExcusesACallerThatIsSlowBecauseOfItsCallee) {
  ShopRecording shop = MeasuredShop();
  shop.During("orders>payment/latency_seconds", 20)
      .During("front>orders/latency_seconds", 6)
      .During("orders/latency_seconds", 6)
      .During("front/latency_seconds", 3);
  const Localisation found = Find(shop);
  EXPECT_EQ(Names(found).at(0), "payment");
  EXPECT_LT(ScoreOf(found, "front"), kNoise);
}

TEST(Localise, NamesTheFrontEndThoughNobodyCallsIt) {
  ShopRecording shop = MeasuredShop();
  shop.During("front/cpu_percent", 4).During("front/latency_seconds", 3);
  EXPECT_EQ(First(shop), "front");
}

TEST(Localise, AFailingCallCountsLikeASlowOne) {
  ShopRecording shop = MeasuredShop();
  shop.Column("front>orders/errors_rate", 0).Column("front>cart/errors_rate", 0);
  for (Eigen::Index r = ShopRecording::kStart; r < shop.run().values.rows(); ++r)
    shop.run().values(r, shop.run().values.cols() - 2) = 5;
  EXPECT_EQ(First(shop), "orders");
}

TEST(Localise, AFallingSuccessRateIsBadAndARisingOneIsNot) {
  ShopRecording shop = MeasuredShop();
  shop.Column("cart/success_rate", 50).Column("orders/success_rate", 50);
  shop.During("cart/success_rate", 1.9F).During("orders/success_rate", 0.5F);
  const Localisation found = Find(shop);
  EXPECT_EQ(Names(found).at(0), "orders");
  EXPECT_LT(ScoreOf(found, "cart"), kNoise);
}

TEST(Localise, WithoutCallsTheServiceWhoseMetricsMovedMostComesFirst) {
  ShopRecording shop;
  for (const std::string service : {"a", "b", "c"})
    shop.Column(service + "/cpu_percent", 20).Column(service + "/memory_bytes", 1e6F);
  shop.During("b/memory_bytes", 3);
  EXPECT_EQ(First(shop), "b");
}

TEST(Localise, ListedEdgesAloneExcuseVictims) {
  ShopRecording shop;
  for (const std::string service : {"front", "orders", "payment"})
    shop.Column(service + "/latency_seconds", 0.02F);
  shop.During("front/latency_seconds", 8).During("orders/latency_seconds", 8);
  shop.During("payment/latency_seconds", 7.5F);
  EXPECT_NE(First(shop), "payment");
  shop.Edge("front", "orders").Edge("orders", "payment");
  EXPECT_EQ(First(shop), "payment");
}

TEST(Localise, MetricNamesThatSayNothingAreEnough) {
  ShopRecording shop;
  for (const std::string service : {"a", "b", "c"})
    for (const std::string metric : {"m1", "m2", "m3"}) shop.Column(service + "/" + metric, 7);
  shop.Column("a>b/m4", 7).Column("a>c/m4", 7);
  shop.During("a>c/m4", 6).During("a/m1", 2);
  EXPECT_EQ(First(shop), "c");
}

TEST(Localise, WhatMovesEverywhereSaysLittleAboutOne) {
  ShopRecording shop = MeasuredShop();
  for (const std::string service : {"front", "cart", "orders", "payment"})
    shop.During(service + "/cpu_percent", 3);
  shop.Column("cart/memory_bytes", 1e6F).Column("orders/memory_bytes", 1e6F);
  shop.Column("payment/memory_bytes", 1e6F).During("payment/memory_bytes", 2);
  EXPECT_EQ(First(shop), "payment");
}

TEST(Localise, TenColumnsThatSayTheSameCountAsOne) {
  ShopRecording shop;
  for (const std::string service : {"a", "b", "c"}) shop.Column(service + "/cpu_percent", 20);
  for (int i = 0; i < 10; ++i) {
    for (const std::string service : {"a", "b", "c"})
      shop.Column(service + "/memory_" + std::to_string(i), 1e6F);
    shop.During("a/memory_" + std::to_string(i), 1.8F);
  }
  shop.During("b/cpu_percent", 3);
  EXPECT_EQ(First(shop), "b");
}

TEST(Localise, TheEvidenceTellsWhichColumnsMovedAndByHowMuch) {
  ShopRecording shop = MeasuredShop();
  shop.During("front>cart/latency_seconds", 20);
  const RankedService first = Find(shop).ranking.at(0);
  ASSERT_FALSE(first.families.empty());
  EXPECT_EQ(first.families[0].family, "callers' view");
  ASSERT_FALSE(first.moves.empty());
  EXPECT_EQ(shop.dataset().columns[first.moves[0].column], "front>cart/latency_seconds");
  EXPECT_NEAR(first.moves[0].before, 0.01, 0.001);
  EXPECT_NEAR(first.moves[0].during, 0.2, 0.02);
}

TEST(Localise, ADetectorsScoresAreOneMoreFamily) {
  ShopRecording shop = MeasuredShop();
  const auto found = Localise(shop.dataset(), shop.run(), shop.start(), {},
                              {{"payment", 0.97F}, {"cart", 0.3F}, {"unknown", 1.0F}});
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->ranking[0].service, "payment");
  EXPECT_EQ(found->ranking[0].families[0].family, "detector");
  EXPECT_TRUE(std::isfinite(found->ranking[0].score));
}

TEST(Localise, AServiceThatOnlyAnEdgeNamesIsRankedWithoutEvidence) {
  ShopRecording shop = MeasuredShop();
  shop.Edge("orders", "database").During("cart/cpu_percent", 3);
  const Localisation found = Find(shop);
  EXPECT_THAT(found.ranking, SizeIs(5));
  EXPECT_EQ(ScoreOf(found, "database"), 0);
}

TEST(Localise, OneServiceIsFirstWhateverItDoes) {
  ShopRecording shop;
  shop.Column("only/cpu_percent", 20);
  EXPECT_THAT(Names(Find(shop)), ElementsAre("only"));
}

TEST(Localise, ConstantAndMissingColumnsSayNothing) {
  ShopRecording shop = MeasuredShop();
  shop.Column("cart/threads", 8).Column("orders/threads", 8).Column("payment/zero", 0);
  Matrix& values = shop.run().values;
  values.col(values.cols() - 3).setConstant(8);
  values.col(values.cols() - 2).setConstant(std::numeric_limits<float>::quiet_NaN());
  shop.During("front>cart/latency_seconds", 20);
  const Localisation found = Find(shop);
  EXPECT_EQ(found.ranking[0].service, "cart");
  for (const RankedService& ranked : found.ranking) {
    EXPECT_TRUE(std::isfinite(ranked.score)) << ranked.service;
    for (const ColumnMove& move : ranked.moves)
      EXPECT_THAT(shop.dataset().columns[move.column], Not(HasSubstr("threads")));
  }
}

TEST(Localise, WithNothingBeforeTheStartEveryScoreIsZeroAndTheOrderThatOfTheColumns) {
  ShopRecording shop = MeasuredShop();
  const auto found = Localise(shop.dataset(), shop.run(), shop.run().time.front());
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->reference_rows, 0U);
  EXPECT_THAT(Names(*found), ElementsAre("front", "cart", "orders", "payment"));
  EXPECT_EQ(found->ranking[0].score, 0);
}

TEST(Localise, AStartBehindTheLastRowIsRefused) {
  ShopRecording shop = MeasuredShop();
  const auto found = Localise(shop.dataset(), shop.run(), shop.run().time.back() + 1);
  EXPECT_EQ(found.status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_THAT(std::string(found.status().message()), HasSubstr("r1"));
}

TEST(Localise, ADataSetThatNamesNoServiceIsRefused) {
  ShopRecording shop;
  shop.Column("latency", 1);
  const auto found = Localise(shop.dataset(), shop.run(), shop.start());
  EXPECT_EQ(found.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(found.status().message()), HasSubstr("service/metric"));
}

TEST(Localise, NeitherTheWindowsTextNorRowsAfterTheFaultChangeTheRanking) {
  ShopRecording shop = MeasuredShop();
  shop.During("front>cart/latency_seconds", 20).During("orders/cpu_percent", 2);
  shop.run().windows = {{shop.start(), shop.start() + 240, "delay", "cart", "", std::nullopt, {}}};
  const Localisation honest = Find(shop);
  shop.run().windows[0] = {shop.start(), shop.start() + 9999,    "cpu", "payment", "",
                           3.0,          {"payment/cpu_percent"}};
  shop.run().values.bottomRows(ShopRecording::kRows - ShopRecording::kStart - 4).setConstant(1e6F);
  const Localisation lured = Find(shop);
  EXPECT_EQ(Names(honest), Names(lured));
  for (size_t i = 0; i < honest.ranking.size(); ++i)
    EXPECT_EQ(honest.ranking[i].score, lured.ranking[i].score);
}

RC_GTEST_PROP(Localise, DoesNotDependOnUnitsOrTheOrderOfColumns, ()) {
  ShopRecording shop = MeasuredShop();
  shop.During("front>cart/latency_seconds", 5).During("orders/cpu_percent", 2);
  const Localisation before = Find(shop);
  std::vector<Eigen::Index> order(shop.dataset().columns.size());
  std::iota(order.begin(), order.end(), 0);
  for (size_t i = order.size(); i > 1; --i)
    std::swap(order[i - 1], order[*rc::gen::inRange<size_t>(0, i)]);
  // A power of two is exact in floating point.
  const float unit = std::ldexp(1.0F, *rc::gen::inRange(-20, 21));
  const std::vector<std::string> names = shop.dataset().columns;
  const Matrix values = shop.run().values;
  for (size_t i = 0; i < order.size(); ++i) {
    const std::string& name = names[static_cast<size_t>(order[i])];
    const bool scaled = name.find("latency") != std::string::npos;
    shop.dataset().columns[i] = name;
    shop.run().values.col(static_cast<Eigen::Index>(i)) =
        values.col(order[i]) * (scaled ? unit : 1);
  }
  const Localisation after = Find(shop);
  for (const RankedService& ranked : before.ranking)
    RC_ASSERT(std::abs(ScoreOf(after, ranked.service) - ranked.score) < 1e-9);
}

// Real faults, where the data lies beside the project: well over the 0.714 of the best single rule.
TEST(Localise, NamesTheCauseOfMostFaultsOfARealShop) {
  const char* root = std::getenv("GRAYLING_DATA");
  const std::string folder =
      std::string(root != nullptr ? root : GRAYLING_DEFAULT_DATA) + "/nezha-ob";
  if (!std::filesystem::exists(folder + "/dataset.json"))
    GTEST_SKIP() << "no " << folder << "; set GRAYLING_DATA to have this run";
  const absl::StatusOr<Dataset> dataset = ReadDataset(folder);
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  LocalisationAccuracy accuracy;
  for (const grayling::Run& run : dataset->runs) {
    for (const LabelWindow& window : run.windows) {
      const auto found = Localise(*dataset, run, window.start);
      ASSERT_TRUE(found.ok()) << found.status();
      accuracy.Add(RankOf(window.service, Names(*found)));
    }
  }
  EXPECT_EQ(accuracy.events(), 56);
  EXPECT_GE(accuracy.At(1), 0.82);
  EXPECT_GE(accuracy.At(3), 0.89);
}

}  // namespace
}  // namespace grayling
