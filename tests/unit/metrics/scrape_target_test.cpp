#include "daemon/metrics/scrape_target.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace grayling {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

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

TEST(ValidateScrapeTarget, WantsNoPasswordInTheUrl) {
  ScrapeTargetSettings settings = Good();
  settings.url = "http://user:secret@127.0.0.1:9100/metrics";
  EXPECT_THAT(Complaint(settings),
              AllOf(HasSubstr("put the password into a file"), Not(HasSubstr("secret"))));
}

TEST(ValidateScrapeTarget, WantsCredentialsWholeAndOnce) {
  ScrapeTargetSettings settings = Good();
  settings.credentials.username = "u";
  EXPECT_THAT(Complaint(settings), HasSubstr("basic authentication is both"));
  settings.credentials.password_file = "/p";
  EXPECT_TRUE(ValidateScrapeTarget(settings).ok());
  settings.credentials.bearer_token_file = "/t";
  EXPECT_THAT(Complaint(settings), HasSubstr("a request carries one of them"));
}

TEST(ValidateScrapeTarget, WantsACertificateWithItsKey) {
  ScrapeTargetSettings settings = Good();
  settings.tls.cert_file = "/c";
  EXPECT_THAT(Complaint(settings), HasSubstr("a certificate needs both"));
}

TEST(ValidateScrapeTarget, WantsOneWayToTheTarget) {
  ScrapeTargetSettings settings = Good();
  settings.unix_socket = "/s";
  settings.ssh_host = "root@guest";
  EXPECT_THAT(Complaint(settings), HasSubstr("choose one of them"));
  settings.unix_socket = "";
  for (const char* host : {"-oProxyCommand=x", "a b"}) {
    settings.ssh_host = host;
    EXPECT_THAT(Complaint(settings), HasSubstr("no host for ssh")) << host;
  }
}

TEST(ValidateScrapeTarget, WantsABodyLimitOfAtMost1GiB) {
  for (const size_t limit : {size_t{0}, kGreatestLargestBody + 1}) {
    ScrapeTargetSettings settings = Good();
    settings.largest_body = limit;
    EXPECT_THAT(Complaint(settings), HasSubstr("the body limit"));
  }
}

TEST(ValidateScrapeTarget, WantsRulesThatCanBeUsed) {
  ScrapeTargetSettings settings = Good();
  settings.relabel.resize(1);
  settings.relabel[0].regex = "(";
  EXPECT_THAT(Complaint(settings), HasSubstr("'(' is wrong"));
}

TEST(EndpointOf, IsOneSpellingOfOneServer) {
  const auto endpoint = [](const std::string& url) {
    ScrapeTargetSettings settings = Good();
    settings.url = url;
    return EndpointOf(settings);
  };
  EXPECT_EQ(endpoint("http://LOCALHOST/metrics"), endpoint("http://127.0.0.1:80/other"));
  EXPECT_EQ(endpoint("https://[::1]/"), endpoint("http://127.0.0.1:443/"));
  EXPECT_NE(endpoint("http://127.0.0.1:81/"), endpoint("http://127.0.0.1:80/"));
}

TEST(EndpointOf, TellsTheSameAddressBehindTwoHostsApart) {
  ScrapeTargetSettings one = Good();
  one.ssh_host = "root@one";
  ScrapeTargetSettings two = Good();
  two.ssh_host = "root@two";
  EXPECT_NE(EndpointOf(one), EndpointOf(two));
  two.ssh_host = "";
  EXPECT_NE(EndpointOf(one), EndpointOf(two));
}

}  // namespace
}  // namespace grayling
