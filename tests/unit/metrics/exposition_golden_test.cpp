// What the parser makes of every page of the data set, against results that are kept in the
// repository. The pages lie outside it: $GRAYLING_DATA, else ../shared/data.

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/metrics/exposition_parser.h"
#include "daemon/metrics/series_rewriter.h"
#include "gtest/gtest.h"

namespace grayling {
namespace {

namespace fs = std::filesystem;

const fs::path kGolden = fs::path(GRAYLING_SOURCE_DIR) / "tests/golden/exposition.txt";

std::string Read(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// FNV-1a.
uint64_t Mixed(uint64_t hash, absl::string_view text) {
  for (const char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * 1099511628211u;
  return hash;
}

std::string Described(const ExpositionSample& sample) {
  const auto series = SeriesRewriter().Rewrite(sample.name, sample.labels);
  return absl::StrCat(series.ok() ? **series : std::string(series.status().message()), " ",
                      absl::Hex(std::bit_cast<uint64_t>(sample.value), absl::kZeroPad16), " ",
                      sample.timestamp_ms.has_value() ? absl::StrCat(*sample.timestamp_ms) : "-");
}

// Count, malformed lines, a checksum over (series, bits of the value, stamp), the ends.
std::string Result(const std::string& page, bool open_metrics) {
  std::string malformed, first, last;
  uint64_t checksum = 14695981039346656037u;
  const ExpositionSummary summary = ParseExposition(
      page, open_metrics ? ExpositionFormat::kOpenMetrics : ExpositionFormat::kPrometheusText,
      [&](const ExpositionSample& sample) {
        last = Described(sample);
        if (first.empty()) first = last;
        checksum = Mixed(checksum, absl::StrCat(last, "\n"));
      },
      [&](const ExpositionError& error) {
        absl::StrAppend(&malformed, "  malformed ", error.line, ": ", error.reason, "\n");
      });
  return absl::StrCat("  samples ", summary.samples, "\n  checksum ", absl::Hex(checksum), "\n",
                      malformed, "  first ", first, "\n  last ", last, "\n");
}

TEST(ExpositionGolden, EveryPageGivesTheKeptResult) {
  const char* data = std::getenv("GRAYLING_DATA");
  const fs::path folder =
      fs::path(data != nullptr ? data : GRAYLING_SOURCE_DIR "/../shared/data") / "exposition";
  if (!fs::exists(folder)) {
    GTEST_SKIP() << "no exposition pages in " << folder << "; set GRAYLING_DATA to have this run";
  }
  std::vector<fs::path> pages;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string extension = entry.path().extension();
    const bool text = extension == ".txt" && !absl::StrContains(entry.path().string(), "textfile");
    if (text || extension == ".prom" || extension == ".out") pages.push_back(entry.path());
  }
  std::sort(pages.begin(), pages.end());
  std::string results;
  for (const fs::path& page : pages) {
    absl::StrAppend(&results, fs::relative(page, folder).string(), "\n",
                    Result(Read(page), absl::StrContains(page.string(), ".om.")));
  }
  if (std::getenv("GRAYLING_UPDATE_GOLDEN") != nullptr) std::ofstream(kGolden) << results;
  EXPECT_EQ(results, Read(kGolden));
}

}  // namespace
}  // namespace grayling
