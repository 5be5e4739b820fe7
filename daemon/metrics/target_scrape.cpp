#include "daemon/metrics/target_scrape.h"

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "daemon/metrics/page_reader.h"
#include "daemon/metrics/series_text.h"

namespace grayling {
namespace {

std::array<std::string, 3> BookkeepingSeries(const ScrapeTargetSettings& settings) {
  std::map<std::string, std::string> labels = settings.labels;
  labels["target"] = settings.name;
  return {SeriesText("up", labels), SeriesText("scrape_duration_seconds", labels),
          SeriesText("scrape_samples_scraped", labels)};
}

}  // namespace

TargetScrape::TargetScrape(SampleStore& store, const ScrapeTargetSettings& settings)
    : store_(store),
      cache_(store, settings.labels),
      transfer_(settings),
      bookkeeping_(BookkeepingSeries(settings)) {
  status_.settings = settings;
  batch_.target = settings.name;
}

void TargetScrape::Begin(absl::Time now) {
  status_.last_scrape = now;
  batch_.time_ms = absl::ToUnixMillis(now);
  batch_.series.clear();
  batch_.values.clear();
  transfer_.Begin();
}

absl::Status TargetScrape::Finish(int curl_code, absl::Duration took) {
  const absl::Status answer = transfer_.Finish(curl_code);
  status_.up = answer.ok();
  status_.last_error = std::string(answer.message());
  status_.last_duration = took;
  status_.last_malformed_lines = 0;
  if (answer.ok()) GRAYLING_RETURN_IF_ERROR(ReadBody());
  status_.last_samples = batch_.series.size();
  return AddBookkeeping(took);
}

absl::Status TargetScrape::ReadBody() {
  GRAYLING_ASSIGN_OR_RETURN(const PageLosses losses,
                            ReadPage(transfer_.body(), transfer_.format(), cache_, batch_));
  status_.last_malformed_lines = losses.malformed;
  if (losses.malformed > 0) {
    status_.last_error = absl::StrCat(losses.malformed, " malformed lines of ",
                                      status_.settings.url, " were skipped; first ", losses.first);
  }
  return absl::OkStatus();
}

absl::Status TargetScrape::AddBookkeeping(absl::Duration took) {
  const std::array<double, 3> values = {status_.up ? 1.0 : 0.0, absl::ToDoubleSeconds(took),
                                        static_cast<double>(status_.last_samples)};
  for (size_t i = 0; i < values.size(); ++i) {
    GRAYLING_ASSIGN_OR_RETURN(const SeriesId id, store_.Intern(bookkeeping_[i]));
    batch_.series.push_back(id);
    batch_.values.push_back(values[i]);
  }
  return absl::OkStatus();
}

}  // namespace grayling
