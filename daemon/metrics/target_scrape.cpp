#include "daemon/metrics/target_scrape.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "daemon/metrics/page_reader.h"
#include "daemon/metrics/scrape_url.h"
#include "daemon/metrics/series_text.h"

namespace grayling {
namespace {

std::array<std::string, 4> BookkeepingSeries(const ScrapeTargetSettings& settings) {
  std::map<std::string, std::string> labels = settings.labels;
  labels["target"] = settings.name;
  return {SeriesText("up", labels), SeriesText("scrape_duration_seconds", labels),
          SeriesText("scrape_samples_scraped", labels),
          SeriesText("scrape_samples_post_metric_relabeling", labels)};
}

SeriesRewriter RewriterOf(const ScrapeTargetSettings& settings) {
  absl::StatusOr<SeriesRewriter> rewriter =
      SeriesRewriter::Of({settings.labels, settings.honor_labels, settings.relabel});
  return rewriter.ok() ? *std::move(rewriter) : SeriesRewriter();
}

std::unique_ptr<SshForward> ForwardOf(const ScrapeTargetSettings& settings,
                                      const std::string& ssh_program) {
  const std::optional<ScrapeUrl> url = ScrapeUrl::Parse(settings.url);
  if (settings.ssh_host.empty() || !url.has_value()) return nullptr;
  return std::make_unique<SshForward>(ssh_program, settings.ssh_host,
                                      absl::StrCat(url->host(), ":", url->port()));
}

}  // namespace

TargetScrape::TargetScrape(SampleStore& store, const ScrapeTargetSettings& settings,
                           const std::string& ssh_program)
    : store_(store),
      cache_(store, RewriterOf(settings)),
      forward_(ForwardOf(settings, ssh_program)),
      transfer_(settings, forward_ == nullptr ? settings.unix_socket : forward_->socket()),
      bookkeeping_(BookkeepingSeries(settings)) {
  status_.settings = settings;
  batch_.target = settings.name;
  rules_.honor_timestamps = settings.honor_timestamps;
  rules_.track_timestamps_staleness = settings.track_timestamps_staleness;
}

void TargetScrape::EmptyBatch(absl::Time now) {
  batch_.time_ms = absl::ToUnixMillis(now);
  batch_.series.clear();
  batch_.values.clear();
  batch_.times_ms.clear();
}

absl::Status TargetScrape::Begin(absl::Time now) {
  status_.last_scrape = now;
  EmptyBatch(now);
  GRAYLING_RETURN_IF_ERROR(transfer_.Begin());
  if (forward_ == nullptr) return absl::OkStatus();
  forward_->Tend(now);
  if (forward_->failure().empty()) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("cannot read ", status_.settings.url, ": ", forward_->failure()));
}

absl::Status TargetScrape::Finish(const absl::Status& begun, int curl_code, absl::Duration took) {
  const absl::Status answer = begun.ok() ? transfer_.Finish(curl_code) : begun;
  status_.up = answer.ok();
  status_.last_error = std::string(answer.message());
  status_.last_duration = took;
  status_.last_samples = status_.last_kept = status_.last_malformed_lines = 0;
  status_.first_malformed.clear();
  if (answer.ok()) {
    GRAYLING_RETURN_IF_ERROR(ReadBody());
  } else {
    EndSeries(cache_, batch_);
  }
  return AddBookkeeping({status_.up ? 1.0 : 0.0, absl::ToDoubleSeconds(took),
                         static_cast<double>(status_.last_samples),
                         static_cast<double>(status_.last_kept)});
}

absl::Status TargetScrape::ReadBody() {
  rules_.format = transfer_.format();
  GRAYLING_ASSIGN_OR_RETURN(PageFigures figures,
                            ReadPage(transfer_.body(), rules_, cache_, batch_));
  status_.last_samples = figures.samples;
  status_.last_kept = figures.samples - figures.dropped;
  status_.last_malformed_lines = figures.malformed;
  status_.first_malformed = std::move(figures.first);
  if (figures.malformed > 0) {
    const MalformedLine& first = status_.first_malformed.front();
    status_.last_error =
        absl::StrCat("malformed lines of ", status_.settings.url, ": ", figures.malformed,
                     " skipped, first line ", first.line, ": ", first.reason, ": ", first.text);
  }
  return absl::OkStatus();
}

absl::Status TargetScrape::End(absl::Time now) {
  EmptyBatch(now);
  if (status_.last_scrape == absl::InfinitePast()) return absl::OkStatus();
  EndSeries(cache_, batch_);
  return AddBookkeeping({StaleMarker(), StaleMarker(), StaleMarker(), StaleMarker()});
}

absl::Status TargetScrape::AddBookkeeping(const std::array<double, 4>& values) {
  for (size_t i = 0; i < values.size(); ++i) {
    GRAYLING_ASSIGN_OR_RETURN(const SeriesId id, store_.Intern(bookkeeping_[i]));
    batch_.series.push_back(id);
    batch_.values.push_back(values[i]);
    if (!batch_.times_ms.empty()) batch_.times_ms.push_back(batch_.time_ms);
  }
  return absl::OkStatus();
}

}  // namespace grayling
