#include "absl/strings/str_cat.h"
#include "base/proto_time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/metrics/metric_service_fixture.h"

namespace grayling {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class MetricServiceTest : public MetricServiceFixture {
 protected:
  grpc::Status Create(const std::string& id, const std::string& url, absl::Duration period,
                      v1::ScrapeTarget* target = nullptr) {
    v1::CreateScrapeTargetRequest request;
    request.set_scrape_target_id(id);
    request.mutable_scrape_target()->set_url(url);
    ToProto(period, request.mutable_scrape_target()->mutable_period());
    (*request.mutable_scrape_target()->mutable_labels())["zone"] = "z";
    v1::ScrapeTarget ignored;
    grpc::ClientContext context;
    return stub_->CreateScrapeTarget(&context, request, target == nullptr ? &ignored : target);
  }
  std::vector<std::string> Names(Scraper& scraper) {
    std::vector<std::string> names;
    for (const ScrapeTargetStatus& status : scraper.List()) names.push_back(status.settings.name);
    return names;
  }
  // Appends `count` samples of a series, one a millisecond from `first`.
  void Fill(const std::string& series, absl::Time first, int count) {
    SampleBatch batch;
    batch.series = {*samples_.Intern(series)};
    for (int i = 0; i < count; ++i) {
      batch.time_ms = absl::ToUnixMillis(first) + i;
      batch.values = {static_cast<double>(i)};
      ASSERT_TRUE(samples_.Append(batch).ok());
    }
  }
  // The sizes of the messages of a query.
  std::vector<int> Query(const v1::QueryRangeRequest& request, grpc::Status& status) {
    grpc::ClientContext context;
    auto reader = stub_->QueryRange(&context, request);
    std::vector<int> sizes;
    v1::QueryRangeResponse message;
    while (reader->Read(&message)) {
      sizes.push_back(message.points_size());
      last_ = message.points(message.points_size() - 1);
    }
    status = reader->Finish();
    return sizes;
  }

  v1::Point last_;
};

TEST_F(MetricServiceTest, CreatesATargetWithAUsualTimeout) {
  v1::ScrapeTarget target;
  ASSERT_TRUE(Create("probe", "http://127.0.0.1:9/metrics", absl::Seconds(60), &target).ok());
  EXPECT_EQ(target.name(), "scrapeTargets/probe");
  EXPECT_EQ(FromProto(target.timeout()), absl::Seconds(10));
  EXPECT_THAT(Names(scraper_), ElementsAre("scrapeTargets/probe"));
}

TEST_F(MetricServiceTest, RefusesBadTargetsWithASentenceAndKeepsNothing) {
  const grpc::Status url = Create("a", "nonsense", absl::Seconds(1));
  EXPECT_EQ(url.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(url.error_message(), HasSubstr("'nonsense'"));
  const grpc::Status period = Create("a", "http://127.0.0.1:9/", absl::Milliseconds(100));
  EXPECT_EQ(period.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(period.error_message(), HasSubstr("100ms"));
  EXPECT_TRUE(targets_->List()->empty());
}

TEST_F(MetricServiceTest, RefusesAnIdThatIsTaken) {
  ASSERT_TRUE(Create("a", "http://127.0.0.1:9/", absl::Seconds(1)).ok());
  EXPECT_EQ(Create("a", "http://127.0.0.1:8/", absl::Seconds(1)).error_code(),
            grpc::StatusCode::ALREADY_EXISTS);
}

TEST_F(MetricServiceTest, RestoresEverySettingAfterARestart) {
  v1::CreateScrapeTargetRequest request;
  request.set_scrape_target_id("a");
  v1::ScrapeTarget& wanted = *request.mutable_scrape_target();
  wanted.set_url("https://10.0.0.1:9100/x");
  wanted.set_honor_timestamps(false);
  wanted.set_honor_labels(true);
  wanted.set_track_timestamps_staleness(true);
  wanted.set_largest_body_bytes(1000);
  wanted.set_dialect(v1::SCRAPE_DIALECT_GALA_GOPHER);
  wanted.set_ssh_host("root@guest");
  wanted.mutable_credentials()->set_username("u");
  wanted.mutable_credentials()->set_password_file("/p");
  wanted.mutable_tls()->set_ca_file("/ca");
  wanted.mutable_tls()->set_server_name("name");
  v1::RelabelRule& rule = *wanted.add_relabel();
  rule.set_action(v1::RelabelRule::ACTION_REPLACE);
  rule.add_source_labels("a");
  rule.set_target_label("b");
  rule.set_replacement("");
  v1::ScrapeTarget created;
  grpc::ClientContext context;
  ASSERT_TRUE(stub_->CreateScrapeTarget(&context, request, &created).ok());

  Scraper after(samples_, {});
  MetricServiceAdapter restarted(after, samples_, *targets_, PushedSamples{intake_, *pins_},
                                 clock_);
  ASSERT_TRUE(restarted.RestoreTargets().ok());
  const ScrapeTargetSettings settings = after.List()[0].settings;
  EXPECT_FALSE(settings.honor_timestamps);
  EXPECT_TRUE(settings.honor_labels);
  EXPECT_TRUE(settings.track_timestamps_staleness);
  EXPECT_EQ(settings.largest_body, 1000u);
  EXPECT_EQ(settings.dialect, ScrapeDialect::kGalaGopher);
  EXPECT_EQ(settings.ssh_host, "root@guest");
  EXPECT_EQ(settings.credentials.password_file, "/p");
  EXPECT_EQ(settings.tls.ca_file, "/ca");
  EXPECT_EQ(settings.tls.server_name, "name");
  RelabelRule kept;
  kept.action = RelabelRule::Action::kReplace;
  kept.source_labels = {"a"};
  kept.target_label = "b";
  kept.replacement = "";
  ASSERT_EQ(settings.relabel.size(), 1u);
  EXPECT_EQ(settings.relabel[0], kept);
}

TEST_F(MetricServiceTest, RestoresTargetsAfterARestart) {
  ASSERT_TRUE(Create("a", "http://127.0.0.1:9/x", absl::Milliseconds(250)).ok());
  ASSERT_TRUE(targets_->Put("scrapeTargets/broken", "\xff\xff", kNow).ok());
  ASSERT_TRUE(Create("b", "http://127.0.0.1:9/y", absl::Seconds(1)).ok());
  Scraper after(samples_, {});
  MetricServiceAdapter restarted(after, samples_, *targets_, PushedSamples{intake_, *pins_},
                                 clock_);
  EXPECT_EQ(restarted.RestoreTargets().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(Names(after), ElementsAre("scrapeTargets/a", "scrapeTargets/b"));
  const ScrapeTargetSettings settings = after.List()[0].settings;
  EXPECT_EQ(settings.url, "http://127.0.0.1:9/x");
  EXPECT_EQ(settings.period, absl::Milliseconds(250));
  EXPECT_EQ(settings.labels.at("zone"), "z");
}

TEST_F(MetricServiceTest, DeletesATargetForGood) {
  ASSERT_TRUE(Create("a", "http://127.0.0.1:9/", absl::Seconds(1)).ok());
  v1::DeleteScrapeTargetRequest request;
  request.set_name("scrapeTargets/a");
  v1::DeleteScrapeTargetResponse response;
  grpc::ClientContext first;
  EXPECT_TRUE(stub_->DeleteScrapeTarget(&first, request, &response).ok());
  EXPECT_TRUE(targets_->List()->empty());
  EXPECT_TRUE(scraper_.List().empty());
  grpc::ClientContext second;
  EXPECT_EQ(stub_->DeleteScrapeTarget(&second, request, &response).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST_F(MetricServiceTest, ListsTargetsAndSeriesInPages) {
  for (const char* id : {"a", "b", "c"}) {
    ASSERT_TRUE(Create(id, "http://127.0.0.1:9/", absl::Seconds(1)).ok());
  }
  v1::ListScrapeTargetsRequest request;
  request.set_page_size(2);
  v1::ListScrapeTargetsResponse page;
  grpc::ClientContext context;
  ASSERT_TRUE(stub_->ListScrapeTargets(&context, request, &page).ok());
  EXPECT_EQ(page.scrape_targets_size(), 2);
  EXPECT_EQ(page.next_page_token(), "2");
  EXPECT_FALSE(page.scrape_targets(0).has_last_scrape_time());

  for (const char* text : {"cpu{a=\"1\"}", "memory", "cpu{a=\"2\"}"}) {
    ASSERT_TRUE(samples_.Intern(text).ok());
  }
  v1::ListSeriesRequest series_request;
  series_request.set_contains("cpu");
  v1::ListSeriesResponse series;
  grpc::ClientContext series_context;
  ASSERT_TRUE(stub_->ListSeries(&series_context, series_request, &series).ok());
  EXPECT_THAT(series.series(), ElementsAre("cpu{a=\"1\"}", "cpu{a=\"2\"}"));
}

TEST_F(MetricServiceTest, StreamsTheAskedSeriesInMessagesOf1000Points) {
  Fill("wanted", kNow, 2500);
  Fill("other", kNow, 10);
  v1::QueryRangeRequest request;
  request.set_contains("wanted");
  ToProto(kNow, request.mutable_start_time());
  ToProto(kNow + absl::Seconds(10), request.mutable_end_time());
  grpc::Status status;
  EXPECT_THAT(Query(request, status), ElementsAre(1000, 1000, 500));
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(last_.series(), "wanted");
  EXPECT_EQ(last_.time_ms(), absl::ToUnixMillis(kNow) + 2499);
  EXPECT_EQ(last_.value(), 2499);
}

TEST_F(MetricServiceTest, EndsAQueryWithoutAnEndAtNow) {
  Fill("m", kNow - absl::Milliseconds(2), 10);
  v1::QueryRangeRequest request;
  grpc::Status status;
  EXPECT_THAT(Query(request, status), ElementsAre(3));
  EXPECT_TRUE(status.ok());
}

TEST_F(MetricServiceTest, RefusesASpanThatEndsBeforeItBegins) {
  v1::QueryRangeRequest request;
  ToProto(kNow, request.mutable_start_time());
  ToProto(kNow - absl::Seconds(1), request.mutable_end_time());
  grpc::Status status;
  Query(request, status);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(MetricServiceTest, ListsTheCatalogueInPagesAndByGroup) {
  v1::ListMetricCatalogueRequest request;
  request.set_page_size(1000);
  v1::ListMetricCatalogueResponse all;
  grpc::ClientContext first;
  ASSERT_TRUE(stub_->ListMetricCatalogue(&first, request, &all).ok());
  EXPECT_GT(all.metrics_size(), 80);
  EXPECT_TRUE(all.next_page_token().empty());

  request.set_group("client");
  request.set_page_size(2);
  v1::ListMetricCatalogueResponse page;
  grpc::ClientContext second;
  ASSERT_TRUE(stub_->ListMetricCatalogue(&second, request, &page).ok());
  ASSERT_EQ(page.metrics_size(), 2);
  EXPECT_EQ(page.metrics(0).name(), "client_errors_total");
  EXPECT_EQ(page.metrics(0).kind(), v1::METRIC_KIND_COUNTER);
  EXPECT_FALSE(page.next_page_token().empty());
}

TEST_F(MetricServiceTest, NamesTheGroupsWhenThereIsNoSuchOne) {
  v1::ListMetricCatalogueRequest request;
  request.set_group("weather");
  v1::ListMetricCatalogueResponse page;
  grpc::ClientContext context;
  const grpc::Status status = stub_->ListMetricCatalogue(&context, request, &page);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("client, container, cpu"));
}

}  // namespace
}  // namespace grayling
