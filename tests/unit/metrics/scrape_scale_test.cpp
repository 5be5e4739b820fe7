#include <string>

#include "absl/strings/str_cat.h"
#include "daemon/metrics/scraper.h"
#include "gtest/gtest.h"
#include "tests/unit/metrics/fake_target.h"
#include "tests/unit/metrics/memory_sample_store.h"
#include "tests/unit/metrics/report_log.h"

namespace grayling {
namespace {

TEST(ScrapeScale, OneThreadScrapesAThousandTargets) {
  FakeTarget target([](const httplib::Request&,
                       httplib::Response& answer) { answer.set_content("a 1\n", "text/plain"); },
                    /*requests_per_connection=*/1);
  MemorySampleStore store;
  ReportLog reports;
  Scraper scraper(store, {}, &reports);
  for (int i = 0; i < 1000; ++i) {
    ScrapeTargetSettings settings;
    settings.name = absl::StrCat("scrapeTargets/t", i);
    settings.url = target.Url();
    settings.period = settings.timeout = absl::Seconds(5);
    ASSERT_TRUE(scraper.Add(settings).ok());
  }
  ASSERT_TRUE(scraper.Start().ok());
  reports.WaitForUp(1000);
}

}  // namespace
}  // namespace grayling
