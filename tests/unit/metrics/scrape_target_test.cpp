#include "daemon/metrics/scrape_target.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;

ScrapeTargetSettings Good() {
  ScrapeTargetSettings settings;
  settings.name = "scrapeTargets/probe-1";
  settings.url = "http://127.0.0.1:9100/metrics?collect[]=cpu";
  settings.labels = {{"zone", "z"}};
  return settings;
}

std::string Complaint(const ScrapeTargetSettings& settings) {
  const absl::Status status = ValidateScrapeTarget(settings);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

TEST(ValidateScrapeTarget, TakesGoodSettings) { EXPECT_TRUE(ValidateScrapeTarget(Good()).ok()); }

TEST(ValidateScrapeTarget, WantsAName) {
  for (const char* name :
       {"", "probe", "scrapeTargets/", "scrapeTargets/a b", "scrapeTargets/a/b"}) {
    ScrapeTargetSettings settings = Good();
    settings.name = name;
    EXPECT_THAT(Complaint(settings), HasSubstr("scrapeTargets/ID"));
  }
}

TEST(ValidateScrapeTarget, WantsAnHttpUrlWithAHost) {
  for (const char* url : {"", "127.0.0.1:9100", "ftp://host/", "file:///etc/passwd", "http://"}) {
    ScrapeTargetSettings settings = Good();
    settings.url = url;
    EXPECT_THAT(Complaint(settings), HasSubstr("http://127.0.0.1:9100/metrics")) << url;
  }
}

TEST(ValidateScrapeTarget, WantsAPeriodOf200MillisecondsToADay) {
  ScrapeTargetSettings settings = Good();
  settings.period = settings.timeout = absl::Milliseconds(199);
  EXPECT_THAT(Complaint(settings), HasSubstr("199ms"));
  for (const absl::Duration good : {absl::Milliseconds(200), absl::Hours(24)}) {
    settings.period = settings.timeout = good;
    EXPECT_TRUE(ValidateScrapeTarget(settings).ok());
  }
  for (const absl::Duration bad :
       {absl::Hours(24) + absl::Milliseconds(1), absl::InfiniteDuration()}) {
    settings.period = bad;
    EXPECT_THAT(Complaint(settings), HasSubstr("24h"));
  }
}

TEST(ValidateScrapeTarget, WantsATimeoutWithinThePeriod) {
  ScrapeTargetSettings settings = Good();
  settings.timeout = absl::Seconds(2);
  EXPECT_THAT(Complaint(settings), HasSubstr("at most the period, 1s"));
  settings.timeout = absl::Milliseconds(1);
  EXPECT_TRUE(ValidateScrapeTarget(settings).ok());
  settings.timeout = absl::Microseconds(999);  // libcurl would take it for no limit
  EXPECT_THAT(Complaint(settings), HasSubstr("at least 1ms"));
}

TEST(ValidateScrapeTarget, WantsPlainLabelNames) {
  for (const char* label : {"", "1a", "a-b", "__name__"}) {
    ScrapeTargetSettings settings = Good();
    settings.labels = {{label, "x"}};
    EXPECT_THAT(Complaint(settings), HasSubstr("no label name"));
  }
}

}  // namespace
}  // namespace grayling
