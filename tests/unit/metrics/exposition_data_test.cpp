// The parser against real pages. They lie outside the repository: $GRAYLING_DATA, else
// ../shared/data.

#include <bit>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/metrics/exposition_parser.h"
#include "daemon/metrics/label_block.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace grayling {
namespace {

using ::testing::ElementsAre;

namespace fs = std::filesystem;

struct Sample {
  std::string series;
  double value = 0;
  std::optional<int64_t> stamp;
};

struct Page {
  std::vector<Sample> samples;
  std::vector<size_t> bad_lines;
  bool labels_readable = true;
};

class ExpositionDataTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* data = std::getenv("GRAYLING_DATA");
    folder_ =
        fs::path(data != nullptr ? data : GRAYLING_SOURCE_DIR "/../shared/data") / "exposition";
    if (!fs::exists(folder_)) {
      GTEST_SKIP() << "no exposition pages in " << folder_
                   << "; set GRAYLING_DATA to have this run";
    }
  }

  static std::string Read(const fs::path& path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
  }

  static Page Parse(const std::string& text, bool open_metrics) {
    Page page;
    ParseExposition(
        text, open_metrics ? ExpositionFormat::kOpenMetrics : ExpositionFormat::kPrometheusText,
        [&](const ExpositionSample& sample) {
          page.samples.push_back({std::string(sample.series), sample.value, sample.timestamp_ms});
          page.labels_readable = page.labels_readable && DecodeLabels(sample.labels).ok();
        },
        [&](const ExpositionError& error) { page.bad_lines.push_back(error.line); });
    return page;
  }

  Page ParseFile(const std::string& name) {
    return Parse(Read(folder_ / name), absl::StrContains(name, ".om."));
  }

  fs::path folder_;
};

TEST_F(ExpositionDataTest, FindsTheNumberOfSamplesThatEachPageIsKnownToHave) {
  const std::vector<std::pair<std::string, size_t>> known = {
      {"node_exporter/e2e-output.txt", 3027},
      {"prometheus/alltypes.237mfs.prom.txt", 1857},
      {"prometheus/alltypes.237mfs.nometa.prom.txt", 1857},
      {"prometheus/alltypes.5mfs.om.txt", 53},
      {"prometheus/1histogram.om.txt", 42},
      {"synthetic/gala-gopher-like.prom.txt", 296}};
  for (const auto& [name, count] : known) {
    const Page page = ParseFile(name);
    EXPECT_EQ(page.samples.size(), count) << name;
    EXPECT_TRUE(page.bad_lines.empty()) << name << " line " << page.bad_lines.front();
    EXPECT_TRUE(page.labels_readable) << name;
  }
}

TEST_F(ExpositionDataTest, FindsTheSameSamplesWithAndWithoutMetadata) {
  const Page with = ParseFile("prometheus/alltypes.237mfs.prom.txt");
  const Page without = ParseFile("prometheus/alltypes.237mfs.nometa.prom.txt");
  ASSERT_EQ(with.samples.size(), without.samples.size());
  for (size_t i = 0; i < with.samples.size(); ++i) {
    ASSERT_EQ(with.samples[i].series, without.samples[i].series);
    ASSERT_EQ(std::bit_cast<uint64_t>(with.samples[i].value),
              std::bit_cast<uint64_t>(without.samples[i].value));
  }
}

TEST_F(ExpositionDataTest, ReadsEveryOddTextfileWithoutALoss) {
  size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder_ / "node_exporter/textfile")) {
    const std::string extension = entry.path().extension();
    if (extension != ".prom" && extension != ".out") continue;
    ++files;
    const Page page = Parse(Read(entry.path()), false);
    EXPECT_TRUE(page.bad_lines.empty()) << entry.path() << " line " << page.bad_lines.front();
    EXPECT_TRUE(page.labels_readable) << entry.path();
    EXPECT_FALSE(page.samples.empty()) << entry.path();
  }
  EXPECT_GT(files, 20u);
}

// The obvious slow way to read a well-formed page: one regular expression a line.
TEST_F(ExpositionDataTest, AgreesWithARegularExpressionOnEverySample) {
  const std::regex line(
      R"re(([a-zA-Z_:][a-zA-Z0-9_:]*(?:\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\})?)\s+(\S+)(?:\s+(-?\d+))?\s*)re");
  for (const std::string name :
       {"node_exporter/e2e-output.txt", "prometheus/alltypes.237mfs.prom.txt",
        "synthetic/gala-gopher-like.prom.txt"}) {
    const std::string text = Read(folder_ / name);
    const Page page = Parse(text, false);
    size_t next = 0;
    for (const absl::string_view view : absl::StrSplit(text, '\n')) {
      if (view.empty() || view.front() == '#') continue;
      const std::string one(view);
      std::smatch match;
      ASSERT_TRUE(std::regex_match(one, match, line)) << one;
      ASSERT_LT(next, page.samples.size());
      const Sample& sample = page.samples[next++];
      ASSERT_EQ(sample.series, match[1].str());
      const double value = std::strtod(match[2].str().c_str(), nullptr);
      ASSERT_TRUE(sample.value == value || (std::isnan(value) && std::isnan(sample.value))) << one;
      ASSERT_EQ(sample.stamp.has_value(), match[3].matched) << one;
      if (match[3].matched) {
        ASSERT_EQ(*sample.stamp, std::stoll(match[3].str()));
      }
    }
    EXPECT_EQ(next, page.samples.size()) << name;
  }
}

TEST_F(ExpositionDataTest, LosesOnlyTheUndecidableLinesOfTheHostilePage) {
  const Page page = ParseFile("synthetic/gala-gopher-like-hostile.prom.txt");
  EXPECT_THAT(page.bad_lines, ElementsAre(12u, 13u));
  EXPECT_EQ(page.samples.size(), 11u);
  EXPECT_TRUE(page.labels_readable);
  EXPECT_EQ(page.samples[6].value, 18446744073709551615.0);
  EXPECT_EQ(page.samples.back().value, 1);
}

}  // namespace
}  // namespace grayling
