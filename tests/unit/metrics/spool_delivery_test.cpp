#include "daemon/metrics/spool_delivery.h"

#include <httplib.h>
#include <snappy.h>

#include <functional>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/store/temporary_folder.h"

namespace grayling {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Le;

constexpr absl::Duration kPatience = absl::Seconds(20);

// Takes writes like VictoriaMetrics, or refuses them.
class FakeReceiver {
 public:
  FakeReceiver() {
    server_.Post("/base/api/v1/write",
                 [this](const httplib::Request& request, httplib::Response& response) {
                   std::string plain;
                   snappy::Uncompress(request.body.data(), request.body.size(), &plain);
                   absl::MutexLock lock(&mutex_);
                   response.status = answer_;
                   if (answer_ == 204) bodies_.push_back(plain);
                   if (answer_ != 204) response.set_content("the disk is full", "text/plain");
                 });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
  }
  ~FakeReceiver() {
    server_.stop();
    thread_.join();
  }

  void Answer(int code) {
    absl::MutexLock lock(&mutex_);
    answer_ = code;
  }
  // Whether some write carried the text.
  size_t TimesReceived(const std::string& text) {
    absl::MutexLock lock(&mutex_);
    size_t count = 0;
    for (const std::string& body : bodies_) count += body.find(text) != std::string::npos;
    return count;
  }
  // Bytes before compression of each write.
  std::vector<size_t> Sizes() {
    absl::MutexLock lock(&mutex_);
    std::vector<size_t> sizes;
    for (const std::string& body : bodies_) sizes.push_back(body.size());
    return sizes;
  }
  std::string url() const { return absl::StrCat("http://127.0.0.1:", port_, "/base/"); }

 private:
  httplib::Server server_;
  int port_ = 0;
  absl::Mutex mutex_;
  int answer_ ABSL_GUARDED_BY(mutex_) = 204;
  std::vector<std::string> bodies_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

class SpoolDeliveryTest : public ::testing::Test {
 protected:
  void Open(SampleSpoolOptions options = {}) {
    delivery_.reset();
    spool_.reset();
    options.commit_interval = absl::Milliseconds(10);
    auto opened = SampleSpool::Open(folder_.File("spool.db"), options);
    ASSERT_TRUE(opened.ok()) << opened.status();
    spool_ = *std::move(opened);
  }
  void StartDelivery(absl::Duration settle = absl::Hours(1), SpoolDeliveryOptions options = {}) {
    options.settle = settle;
    options.retry = absl::Milliseconds(10);
    delivery_ = std::make_unique<SpoolDelivery>(*spool_, client_, options);
  }
  absl::Status Append(const std::string& series, int64_t time_ms = 1000, double value = 1) {
    SampleBatch batch;
    batch.time_ms = time_ms;
    batch.series = {*spool_->Intern(series)};
    batch.values = {value};
    return spool_->Append(batch);
  }
  absl::Status Deliver(absl::Duration patience = kPatience) {
    EXPECT_TRUE(spool_->Flush().ok());
    return delivery_->Deliver(absl::Now() + patience);
  }
  // "text time=value" of everything in the spool.
  std::vector<std::string> Spooled(int64_t from_ms = 0, int64_t to_ms = 1'000'000) {
    std::vector<std::string> lines;
    const absl::Status status =
        spool_->Visit(from_ms, to_ms, [&](SeriesId id, int64_t time_ms, double value) {
          lines.push_back(absl::StrCat(*spool_->Text(id), " ", time_ms, "=", value));
        });
    EXPECT_TRUE(status.ok()) << status;
    return lines;
  }
  bool Eventually(const std::function<bool()>& holds) {
    for (const absl::Time end = absl::Now() + kPatience; absl::Now() < end;) {
      if (holds()) return true;
      absl::SleepFor(absl::Milliseconds(5));
    }
    return false;
  }

  TemporaryFolder folder_;
  FakeReceiver receiver_;
  VictoriaMetricsClient client_{*AddressOf(receiver_.url(), "")};
  std::unique_ptr<SampleSpool> spool_;
  std::unique_ptr<SpoolDelivery> delivery_;
};

TEST_F(SpoolDeliveryTest, ABatchThatIsTooLargeForAWriteGoesOutInSeveral) {
  Open();
  SampleBatch batch{"t", 1000, {}, {}};
  for (int i = 0; i < 1000; ++i) {
    batch.series.push_back(
        *spool_->Intern(absl::StrCat("m", i, "{text=\"", std::string(80, 'x'), "\"}")));
    batch.values.push_back(i);
  }
  ASSERT_TRUE(spool_->Append(batch).ok());
  SpoolDeliveryOptions options;
  options.samples_per_write = 300;
  options.bytes_per_write = 10'000;
  StartDelivery(absl::Hours(1), options);
  ASSERT_TRUE(Deliver().ok());
  EXPECT_THAT(receiver_.Sizes(), Each(Le(10'000u)));
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(receiver_.TimesReceived(absl::StrCat("m", i, "\n")), 1u);
}

TEST_F(SpoolDeliveryTest, SpoolKeepsSavedAndUnsavedSamplesInTheOrderWritten) {
  Open();
  ASSERT_TRUE(Append("a", 2000, 1).ok());
  ASSERT_TRUE(spool_->Flush().ok());
  SampleBatch batch;
  batch.series = {*spool_->Intern("b"), *spool_->Intern("a")};
  batch.values = {5, 6};
  batch.times_ms = {1500, 999};
  ASSERT_TRUE(spool_->Append(batch).ok());
  EXPECT_THAT(Spooled(), ElementsAre("a 2000=1", "b 1500=5", "a 999=6"));
  EXPECT_THAT(Spooled(1000, 2000), ElementsAre("b 1500=5"));
  Open();  // what was not saved yet is saved at the end
  EXPECT_THAT(Spooled(), ElementsAre("a 2000=1", "b 1500=5", "a 999=6"));
  EXPECT_EQ(*spool_->Intern("b"), 1u);
  EXPECT_EQ(spool_->Find("c"), std::nullopt);
}

TEST_F(SpoolDeliveryTest, SpoolRefusesWrongBatches) {
  Open();
  SampleBatch batch;
  batch.series = {0};
  batch.values = {1};
  EXPECT_EQ(spool_->Append(batch).code(), absl::StatusCode::kInvalidArgument);
  ASSERT_TRUE(spool_->Intern("a").ok());
  batch.times_ms = {1, 2};
  EXPECT_EQ(spool_->Append(batch).code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(SpoolDeliveryTest, SendsWhatWasSavedAndKeepsItUntilItHasSettled) {
  Open();
  StartDelivery();
  ASSERT_TRUE(Append("first_series").ok());
  ASSERT_TRUE(Deliver().ok());
  EXPECT_EQ(receiver_.TimesReceived("first_series"), 1u);
  EXPECT_THAT(Spooled(), ElementsAre("first_series 1000=1"));
  delivery_.reset();
  StartDelivery(absl::ZeroDuration());
  EXPECT_TRUE(Eventually([this] { return Spooled().empty(); }));
  EXPECT_EQ(receiver_.TimesReceived("first_series"), 2u);
}

TEST_F(SpoolDeliveryTest, SendsAgainWhatAnEarlierDaemonHadSent) {
  Open();
  StartDelivery();
  ASSERT_TRUE(Append("sent_before").ok());
  ASSERT_TRUE(Deliver().ok());
  Open();
  StartDelivery();
  ASSERT_TRUE(Append("sent_now").ok());
  ASSERT_TRUE(Deliver().ok());
  EXPECT_EQ(receiver_.TimesReceived("sent_before"), 2u);
  EXPECT_EQ(receiver_.TimesReceived("sent_now"), 1u);
}

TEST_F(SpoolDeliveryTest, SendsEverythingOnceTheServerTakesItAgain) {
  Open();
  StartDelivery();
  ASSERT_TRUE(Append("before").ok());
  ASSERT_TRUE(Deliver().ok());
  receiver_.Answer(503);
  ASSERT_TRUE(Append("meanwhile").ok());
  const absl::Status away = Deliver(absl::Milliseconds(200));
  EXPECT_EQ(away.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(away.message()), HasSubstr("answered 503: the disk is full"));
  receiver_.Answer(204);
  ASSERT_TRUE(Deliver().ok());
  EXPECT_EQ(receiver_.TimesReceived("meanwhile"), 1u);
  EXPECT_GE(receiver_.TimesReceived("before"), 2u);
}

TEST_F(SpoolDeliveryTest, AFullSpoolSaysWhyItDoesNotEmpty) {
  SampleSpoolOptions options;
  options.largest_bytes = 100;
  Open(options);
  receiver_.Answer(503);
  StartDelivery();
  absl::Status status;
  for (int i = 0; i < 10 && status.ok(); ++i) status = Append("m", i);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(Eventually([&] { return absl::StrContains(Append("m", 1).message(), "503"); }));
}

TEST_F(SpoolDeliveryTest, AFullSpoolTakesSamplesAgainOnceTheyAreSent) {
  SampleSpoolOptions options;
  options.largest_bytes = 100;
  Open(options);
  while (Append("m").ok()) {
  }
  StartDelivery(absl::ZeroDuration());
  EXPECT_TRUE(Eventually([&] { return Append("m").ok(); }));
}

TEST(VictoriaMetricsAddressTest, DropsAFinalSlashAndRefusesWhatIsNoAddress) {
  const auto address = AddressOf("http://a:1/insert/0/prometheus/", "http://b:2/");
  ASSERT_TRUE(address.ok());
  EXPECT_EQ(address->write_url, "http://a:1/insert/0/prometheus");
  EXPECT_EQ(address->read_url, "http://b:2");
  EXPECT_EQ(AddressOf("http://a:1", "")->read_url, "http://a:1");
  EXPECT_EQ(AddressOf("a:1", "").status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace grayling
