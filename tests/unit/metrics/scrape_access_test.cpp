// How a target is reached, and as whom.

#include <sys/socket.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "daemon/metrics/scraper.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/metrics/fake_target.h"
#include "tests/unit/metrics/memory_sample_store.h"
#include "tests/unit/metrics/report_log.h"
#include "tests/unit/store/temporary_folder.h"

namespace grayling {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// Answers on a Unix socket.
class FakeSocketTarget {
 public:
  explicit FakeSocketTarget(const std::string& path) {
    server_.set_address_family(AF_UNIX);
    server_.Get("/metrics", [](const httplib::Request&, httplib::Response& answer) {
      answer.set_content("a 1\n", "text/plain");
    });
    thread_ = std::thread([this, path] { server_.listen(path, 80); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~FakeSocketTarget() {
    server_.stop();
    thread_.join();
  }

 private:
  httplib::Server server_;
  std::thread thread_;
};

class ScrapeAccessTest : public ::testing::Test {
 protected:
  ScrapeTargetSettings Settings(const std::string& url) {
    ScrapeTargetSettings settings;
    settings.name = "scrapeTargets/probe";
    settings.url = url;
    settings.period = settings.timeout = absl::Seconds(1);
    return settings;
  }
  // The target's status after `scrapes` scrapes.
  ScrapeTargetStatus Scrape(const ScrapeTargetSettings& settings, int scrapes = 1,
                            const std::string& ssh = "ssh") {
    Scraper scraper(store_, {}, &reports_, ssh);
    EXPECT_TRUE(scraper.Add(settings).ok());
    EXPECT_TRUE(scraper.Start().ok());
    return reports_.WaitFor(scrapes);
  }
  std::string Write(const std::string& name, const std::string& text) {
    std::ofstream(folder_.File(name)) << text;
    return folder_.File(name);
  }
  std::string Program(const std::string& name, const std::string& text) {
    const std::string path = Write(name, "#!/bin/sh\n" + text);
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path;
  }

  TemporaryFolder folder_;
  MemorySampleStore store_;
  ReportLog reports_;
};

TEST_F(ScrapeAccessTest, SendsThePasswordOfAFile) {
  FakeTarget target([](const httplib::Request& request, httplib::Response& answer) {
    const bool known = request.get_header_value("Authorization") == "Basic dXNlcjpzZWNyZXQ=";
    answer.status = known ? 200 : 401;
  });
  ScrapeTargetSettings settings = Settings(target.Url());
  EXPECT_THAT(Scrape(settings).last_error, HasSubstr("answered 401"));
  settings.credentials.username = "user";
  settings.credentials.password_file = Write("password", "secret\n");
  EXPECT_EQ(Scrape(settings, 2).last_error, "");
}

TEST_F(ScrapeAccessTest, SendsTheBearerTokenOfAFile) {
  FakeTarget target([](const httplib::Request& request, httplib::Response& answer) {
    answer.status = request.get_header_value("Authorization") == "Bearer token-1" ? 200 : 403;
  });
  ScrapeTargetSettings settings = Settings(target.Url());
  settings.credentials.bearer_token_file = Write("token", "token-1\n");
  EXPECT_EQ(Scrape(settings).last_error, "");
}

TEST_F(ScrapeAccessTest, NamesTheSecretThatCannotBeRead) {
  ScrapeTargetSettings settings = Settings("http://127.0.0.1:1/metrics");
  settings.credentials.bearer_token_file = folder_.File("missing");
  const ScrapeTargetStatus status = Scrape(settings);
  EXPECT_FALSE(status.up);
  EXPECT_THAT(status.last_error, HasSubstr(folder_.File("missing")));
}

TEST_F(ScrapeAccessTest, SendsNoFileThatIsMoreThanALine) {
  ScrapeTargetSettings settings = Settings("http://127.0.0.1:1/metrics");
  settings.credentials.bearer_token_file = Write("list", "root:secret\nuser:secret\n");
  EXPECT_THAT(Scrape(settings).last_error, HasSubstr("more than one line"));
}

TEST_F(ScrapeAccessTest, RefusesABodyAboveTheTargetsOwnLimit) {
  FakeTarget target([](const httplib::Request&, httplib::Response& answer) {
    answer.set_content(std::string(101, '\n'), "text/plain");
  });
  ScrapeTargetSettings settings = Settings(target.Url());
  settings.largest_body = 100;
  EXPECT_THAT(Scrape(settings).last_error, HasSubstr("more than 100 bytes"));
}

TEST_F(ScrapeAccessTest, ReadsThroughAUnixSocket) {
  FakeSocketTarget target(folder_.File("socket"));
  ScrapeTargetSettings settings = Settings("http://exporter/metrics");
  settings.unix_socket = folder_.File("socket");
  const ScrapeTargetStatus status = Scrape(settings);
  EXPECT_EQ(status.last_error, "");
  EXPECT_EQ(status.last_samples, 1u);
}

// The fake ssh puts a link to the target's socket where ssh would listen, and stays.
TEST_F(ScrapeAccessTest, ReadsThroughAnSshForward) {
  FakeSocketTarget target(folder_.File("socket"));
  const std::string ssh =
      Program("ssh", absl::StrCat("echo \"$@\" > ", folder_.File("arguments"),
                                  "\nwhile [ \"$1\" != -L ]; do shift; done\nln -s ",
                                  folder_.File("socket"), " \"${2%%:*}\"\nexec sleep 100\n"));
  ScrapeTargetSettings settings = Settings("http://127.0.0.1:9100/metrics");
  settings.ssh_host = "root@guest";
  const ScrapeTargetStatus status = Scrape(settings, 4, ssh);  // the first may be before the link
  EXPECT_EQ(status.last_error, "");
  EXPECT_EQ(status.last_samples, 1u);
  std::ifstream file(folder_.File("arguments"));
  std::string arguments;
  std::getline(file, arguments);
  EXPECT_THAT(arguments, AllOf(HasSubstr("BatchMode=yes"), HasSubstr("ExitOnForwardFailure=yes"),
                               HasSubstr(":127.0.0.1:9100"), HasSubstr("-- root@guest")));
}

TEST_F(ScrapeAccessTest, TellsHowSshEnded) {
  ScrapeTargetSettings settings = Settings("http://127.0.0.1:9100/metrics");
  settings.ssh_host = "root@guest";
  const ScrapeTargetStatus status = Scrape(settings, 2, Program("ssh", "exit 255\n"));
  EXPECT_FALSE(status.up);
  EXPECT_THAT(status.last_error, HasSubstr("the ssh to root@guest ended with status 255"));
}

}  // namespace
}  // namespace grayling
