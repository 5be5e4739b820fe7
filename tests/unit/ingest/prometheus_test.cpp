// An existing Prometheus forwards what it scrapes: the sender this receiver is for.

#include <httplib.h>
#include <spawn.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>
#include <set>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "daemon/ingest/ingest_server.h"
#include "gtest/gtest.h"
#include "tests/unit/ingest/recorded_store.h"
#include "tests/unit/store/temporary_folder.h"

namespace grayling {
namespace {

constexpr char kPrometheus[] = "/usr/bin/prometheus";

// A process of this test, ended with it.
class Child {
 public:
  explicit Child(std::vector<std::string> words) {
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    EXPECT_EQ(posix_spawn(&pid_, words[0].c_str(), &actions, nullptr, arguments.data(), environ),
              0);
    posix_spawn_file_actions_destroy(&actions);
  }
  ~Child() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Child(const Child&) = delete;

 private:
  pid_t pid_ = 0;
};

// One page that never changes.
class Page {
 public:
  Page() {
    server_.Get("/metrics", [](const httplib::Request&, httplib::Response& response) {
      response.set_content(
          "shop_orders_total{shop=\"a\\\"b\"} 42\nshop_orders_total{shop=\"c\"} 0.1\n"
          "shop_nothing NaN\nshop_most +Inf\n",
          "text/plain; version=0.0.4");
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
  }
  ~Page() {
    server_.stop();
    thread_.join();
  }
  int port() const { return port_; }

 private:
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};

TEST(PrometheusTest, WhatAPrometheusScrapesArrivesEqual) {
  if (access(kPrometheus, X_OK) != 0) GTEST_SKIP() << kPrometheus << " is not installed";
  RecordedStore store;
  SampleIntake intake(store, {});
  RemoteWrite remote_write(intake);
  auto server = *IngestServer::Start("127.0.0.1:0", remote_write);
  const Page page;
  const TemporaryFolder folder;
  std::ofstream(folder.File("prometheus.yml"))
      << "global: {scrape_interval: 1s}\n"
      << "scrape_configs:\n- job_name: shop\n  static_configs:\n"
      << "  - targets: ['127.0.0.1:" << page.port() << "']\n"
      << "remote_write:\n- url: http://" << server->address() << "/api/v1/write\n"
      << "  queue_config: {batch_send_deadline: 200ms}\n";
  const Child prometheus({kPrometheus, "--config.file=" + folder.File("prometheus.yml"),
                          "--storage.tsdb.path=" + folder.File("data"),
                          "--web.listen-address=127.0.0.1:0"});

  const std::string instance =
      absl::StrCat(",instance=\"127.0.0.1:", page.port(), "\",job=\"shop\"");
  const auto value_of = [&](const std::string& series) -> std::optional<double> {
    for (const RecordedStore::Sample& sample : store.Samples()) {
      if (sample.series == series) return sample.value;
    }
    return std::nullopt;
  };
  const std::string plain = absl::StrCat("{", instance.substr(1), "}");
  const absl::Time deadline = absl::Now() + absl::Seconds(40);
  while (!value_of("up" + plain) && absl::Now() < deadline) absl::SleepFor(absl::Milliseconds(50));

  EXPECT_EQ(value_of("up" + plain), 1);
  EXPECT_EQ(value_of("scrape_samples_scraped" + plain), 4);
  std::set<std::string> shop;
  for (const RecordedStore::Sample& sample : store.Samples()) {
    if (!absl::StartsWith(sample.series, "shop_")) continue;
    shop.insert(sample.series);
    EXPECT_NEAR(static_cast<double>(sample.time_ms) / 1000,
                static_cast<double>(absl::ToUnixSeconds(absl::Now())), 60);
    const double expected = absl::StrContains(sample.series, "a\\\"b")     ? 42
                            : absl::StrContains(sample.series, "\"c\"")    ? 0.1
                            : absl::StartsWith(sample.series, "shop_most") ? HUGE_VAL
                                                                           : std::nan("");
    if (std::isnan(expected)) {
      EXPECT_TRUE(std::isnan(sample.value));
      EXPECT_FALSE(IsStale(sample.value));
    } else {
      EXPECT_EQ(sample.value, expected) << sample.series;
    }
  }
  const auto orders = [&](const char* shop_label) {
    return absl::StrCat("shop_orders_total{", instance.substr(1), ",shop=\"", shop_label, "\"}");
  };
  EXPECT_EQ(shop, (std::set<std::string>{orders("a\\\"b"), orders("c"), "shop_nothing" + plain,
                                         "shop_most" + plain}));
}

}  // namespace
}  // namespace grayling
