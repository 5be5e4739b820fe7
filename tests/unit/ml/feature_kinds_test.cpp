#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <random>

#include "ml/core/features.h"
#include "ml/core/scale.h"

// Every kind against its formula, computed anew from the whole history in each row.

namespace grayling {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
using Series = std::vector<double>;

double Squashed(double u) { return kScaledLimit * std::tanh(u / kScaledLimit); }

// What a bank on the one column "latency" (location 10, scale 2) and a load column sees.
constexpr ColumnScale kScale{10, 2};
constexpr ColumnScale kLoadScale{100, 20};

struct History {
  Series u, x, load_u, load_x;
};

double Median(Series values) {
  std::sort(values.begin(), values.end());
  const size_t n = values.size();
  return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

double SlowRobustZ(const Series& u, size_t window, size_t gap, size_t every) {
  Series before;
  for (size_t r = 0; r + gap + 1 < u.size(); r += every) before.push_back(u[r]);
  if (before.size() < 8) return 0;
  if (before.size() > window) {
    before.erase(before.begin(), before.end() - static_cast<std::ptrdiff_t>(window));
  }
  const double median = Median(before);
  Series deviations;
  for (const double value : before) deviations.push_back(std::abs(value - median));
  return Squashed((u.back() - median) / std::max(1.4826 * Median(deviations), 0.25));
}

double SlowEwma(const Series& x, double rate) {
  double level = x.front();
  for (size_t i = 1; i < x.size(); ++i) level += rate * (x[i] - level);
  return level;
}

Series Last(const Series& values, size_t n) {
  return Series(values.end() - static_cast<std::ptrdiff_t>(std::min(n, values.size())),
                values.end());
}

double Mean(const Series& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double Covariance(const Series& a, const Series& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += (a[i] - Mean(a)) * (b[i] - Mean(b));
  return sum / static_cast<double>(a.size());
}

double SlowSlope(const Series& x) {
  const Series y = Last(x, 8);
  if (y.size() < 2) return 0;
  Series t;
  for (size_t i = 0; i < y.size(); ++i) t.push_back(static_cast<double>(i));
  return Covariance(t, y) / Covariance(t, t) * static_cast<double>(y.size() - 1);
}

double SlowRatio(const Series& u) {
  if (u.size() < 16) return 0;
  const Series last = Last(u, 16);
  const double older = 10 + 2 * Mean(Series(last.begin(), last.begin() + 8));
  const double newer = 10 + 2 * Mean(Series(last.begin() + 8, last.end()));
  return (newer - older) / std::max({std::abs(older), std::abs(newer), 2.0});
}

double SlowSpread(const Series& u) {
  double brief = 0;
  double lasting = 0;
  for (size_t i = 1; i < u.size(); ++i) {
    const double step = std::min(std::abs(u[i] - u[i - 1]), 8.0);
    brief += std::max(0.25, 1.0 / static_cast<double>(i)) * (step - brief);
    lasting += std::max(0.02, 1.0 / static_cast<double>(i)) * (step - lasting);
  }
  return std::log((brief + 0.1) / (lasting + 0.1));
}

double SlowTail(const Series& x) {
  const Series last = Last(x, 16);
  return static_cast<double>(
             std::count_if(last.begin(), last.end(), [](double v) { return std::abs(v) > 3; })) /
         16;
}

double SlowSinceChange(const Series& u) {
  for (size_t age = 0; age < u.size(); ++age) {
    const Series until(u.begin(), u.end() - static_cast<std::ptrdiff_t>(age));
    if (std::abs(SlowRobustZ(until, 30, 5, 1)) > 3) return std::exp(-static_cast<double>(age) / 16);
  }
  return 0;
}

double SlowPerLoad(const History& history) {
  Series ratio;
  for (size_t i = 0; i < history.u.size(); ++i) {
    const double value = std::abs(10 + 2 * history.u[i]) / 2 + 1;
    const double load = std::abs(100 + 20 * history.load_u[i]) / 20 + 1;
    ratio.push_back(std::log(value / load));
  }
  return SlowEwma(ratio, 0.4) - SlowEwma(ratio, 0.02);
}

// Means, variance and covariance under the weights that the forgetting gives each past row.
double SlowResidual(const History& history) {
  const size_t past = history.x.size() - 1;
  if (past < 8) return 0;
  std::vector<double> weights;
  for (size_t i = 0; i < past; ++i) {
    const double rate = std::max(0.02, 1.0 / static_cast<double>(i + 1));
    for (double& weight : weights) weight *= 1 - rate;
    weights.push_back(rate);
  }
  double mean_x = 0;
  double mean_load = 0;
  for (size_t i = 0; i < past; ++i) {
    mean_x += weights[i] * history.x[i];
    mean_load += weights[i] * history.load_x[i];
  }
  double variance = 0;
  double covariance = 0;
  for (size_t i = 0; i < past; ++i) {
    const double from_load = history.load_x[i] - mean_load;
    variance += weights[i] * from_load * from_load;
    covariance += weights[i] * from_load * (history.x[i] - mean_x);
  }
  return history.x[past] - mean_x -
         covariance / (variance + 0.1) * (history.load_x[past] - mean_load);
}

double SlowLagged(const History& history) {
  if (history.x.size() < 16) return 0;
  const Series x = Last(history.x, 15);
  Series load = Last(history.load_x, 16);
  load.pop_back();
  const double spread = Covariance(x, x) * Covariance(load, load);
  if (Covariance(x, x) < 1e-7 || Covariance(load, load) < 1e-7) return 0;
  return Covariance(x, load) / std::sqrt(spread);
}

double SlowPeak(const Series& x) {
  double peak = 0;
  for (const double value : Last(x, 5)) {
    if (std::abs(value) > std::abs(peak)) peak = value;
  }
  return peak;
}

struct Twin {
  std::string kind;
  std::function<double(const History&)> formula;
};

const std::vector<Twin>& Twins() {
  static const std::vector<Twin>* const twins = new std::vector<Twin>{
      {"value", [](const History& h) { return h.x.back(); }},
      {"fast", [](const History& h) { return SlowEwma(h.x, 0.4); }},
      {"shift", [](const History& h) { return SlowEwma(h.x, 0.4) - SlowEwma(h.x, 0.02); }},
      {"ewma", [](const History& h) { return SlowEwma(h.x, 0.4) - SlowEwma(h.x, 0.1); }},
      {"peak", [](const History& h) { return SlowPeak(h.x); }},
      {"slope", [](const History& h) { return SlowSlope(h.x); }},
      {"ratio", [](const History& h) { return SlowRatio(h.u); }},
      {"robust_z", [](const History& h) { return SlowRobustZ(h.u, 30, 5, 1); }},
      {"long_z", [](const History& h) { return SlowRobustZ(h.u, 30, 30, 4); }},
      {"since_change", [](const History& h) { return SlowSinceChange(h.u); }},
      {"spread", [](const History& h) { return SlowSpread(h.u); }},
      {"tail", [](const History& h) { return SlowTail(h.x); }},
      {"per_load", SlowPerLoad},
      {"residual", SlowResidual},
      {"lagged", SlowLagged},
  };
  return *twins;
}

TEST(EveryFeatureKind, EqualsItsFormulaComputedFromTheWholeHistory) {
  std::vector<std::string> names;
  for (const Twin& twin : Twins()) names.push_back(twin.kind + "(context:latency)");
  EXPECT_TRUE(rc::check("streaming and formula agree row by row", [&] {
    const auto seed = *rc::gen::arbitrary<uint32_t>();
    const int rows = *rc::gen::inRange(1, 220);
    // Some levels: repeated values, jumps, long quiet stretches.
    const int levels = *rc::gen::inRange(1, 40);
    auto bank = FeatureBank::Create({"latency", "requests_rate"}, {kScale, kLoadScale}, {}, names);
    RC_ASSERT(bank.ok());
    std::mt19937 random(seed);
    History history;
    for (int r = 0; r < rows; ++r) {
      const auto jump = static_cast<float>(r % 60 > 50 ? 9 : 0);
      const float value = 8 + jump + static_cast<float>(random() % static_cast<unsigned>(levels));
      const float load = 60 + static_cast<float>(random() % 80);
      bank->Step({value, load});
      history.u.push_back((value - 10) / 2);
      history.x.push_back(Squashed(history.u.back()));
      history.load_u.push_back((load - 100) / 20);
      history.load_x.push_back(Squashed(history.load_u.back()));
      for (size_t f = 0; f < names.size(); ++f) {
        const double streamed = bank->output()(0, static_cast<Eigen::Index>(f));
        const double expected = Twins()[f].formula(history);
        if (std::abs(streamed - expected) > 2e-3) {
          RC_FAIL(names[f] + " at row " + std::to_string(r) + ": " + std::to_string(streamed) +
                  " instead of " + std::to_string(expected));
        }
      }
    }
  }));
}

TEST(EveryFeatureKind, OfARowDoesNotChangeWithWhatComesAfter) {
  const std::vector<std::string> columns = {"a/cpu",           "b/cpu",     "c/cpu",
                                            "b/latency",       "c/latency", "a>b/latency",
                                            "a/requests_rate", "queue"};
  const std::vector<std::string> services = {"a", "b", "c"};
  const std::vector<std::string> names = CandidateFeatures(columns, services);
  const std::vector<ColumnScale> scales(columns.size());
  std::mt19937 random(5);
  std::normal_distribution<float> normal;
  std::vector<std::vector<float>> rows(150, std::vector<float>(columns.size()));
  for (auto& row : rows) {
    for (float& value : row) value = random() % 10 == 0 ? kNan : normal(random);
  }
  auto whole = FeatureBank::Create(columns, scales, services, names);
  auto cut = FeatureBank::Create(columns, scales, services, names);
  ASSERT_TRUE(whole.ok() && cut.ok());
  for (size_t r = 0; r < rows.size(); ++r) {
    whole->Step(rows[r]);
    if (r >= 100) continue;
    cut->Step(rows[r]);
    ASSERT_EQ(whole->output(), cut->output());
    ASSERT_TRUE(whole->output().allFinite());
  }
  cut->Reset();
  whole->Reset();
  whole->Step(rows[3]);
  cut->Step(rows[3]);
  EXPECT_EQ(whole->output(), cut->output());
}

TEST(RobustZFeature, KeepsAFaultOutOfItsOwnReference) {
  auto bank = FeatureBank::Create({"latency"}, {ColumnScale{}}, {}, {"robust_z(context:latency)"});
  ASSERT_TRUE(bank.ok());
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  for (int r = 0; r < 60; ++r) bank->Step({normal(random)});
  for (int r = 0; r < 15; ++r) {
    bank->Step({12});
    EXPECT_GT(bank->output()(0, 0), 4) << "row " << r << " of the fault";
  }
}

TEST(RobustZFeature, SeesAFaultOnALevelThatTrainingNeverSaw) {
  // Fifty scales from the training median, where the squashed value hardly moves.
  auto bank = FeatureBank::Create({"latency"}, {ColumnScale{}}, {},
                                  {"robust_z(context:latency)", "value(context:latency)"});
  ASSERT_TRUE(bank.ok());
  for (int r = 0; r < 60; ++r) bank->Step({50 + static_cast<float>(r % 3)});
  const float before = bank->output()(0, 1);
  bank->Step({70});
  EXPECT_GT(bank->output()(0, 0), 6);
  EXPECT_LT(bank->output()(0, 1) - before, 0.1);
}

TEST(ResidualFeature, RemovesWhatTheLoadExplains) {
  auto bank = FeatureBank::Create({"latency", "requests_rate"}, {{0, 1}, {0, 1}}, {},
                                  {"residual(context:latency)", "value(context:latency)"});
  ASSERT_TRUE(bank.ok());
  float largest = 0;
  for (int r = 0; r < 300; ++r) {
    const float load = std::sin(static_cast<float>(r) / 9);
    bank->Step({0.8F * load, load});
    if (r > 100) largest = std::max(largest, std::abs(bank->output()(0, 0)));
  }
  EXPECT_LT(largest, 0.2);
  bank->Step({3, 0.1F});
  EXPECT_GT(bank->output()(0, 0), 2);
}

TEST(MissingValues, RepeatTheLastOneForFiveRowsAndThenCountAsTheMedian) {
  auto bank = FeatureBank::Create({"latency"}, {ColumnScale{}}, {}, {"value(context:latency)"});
  ASSERT_TRUE(bank.ok());
  bank->Step({2});
  const float value = bank->output()(0, 0);
  for (int r = 0; r < 5; ++r) {
    bank->Step({kNan});
    EXPECT_EQ(bank->output()(0, 0), value);
    EXPECT_FALSE(bank->present(0));
  }
  bank->Step({kNan});
  EXPECT_EQ(bank->output()(0, 0), 0);
}

}  // namespace
}  // namespace grayling
