// Targets behind https: whom the scraper trusts, and how it shows who it is.

#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "daemon/metrics/scraper.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/metrics/fake_target.h"
#include "tests/unit/metrics/memory_sample_store.h"
#include "tests/unit/metrics/report_log.h"
#include "tests/unit/metrics/self_signed_certificate.h"
#include "tests/unit/store/temporary_folder.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// https on loopback; `client` is the only client's certificate that it takes, null for anybody.
class FakeTlsTarget {
 public:
  FakeTlsTarget(const SelfSignedCertificate& own, const SelfSignedCertificate* client)
      : server_(own.certificate(), own.key(), TrustIn(client)) {
    server_.Get("/metrics", [](const httplib::Request&, httplib::Response& answer) {
      answer.set_content("a 1\n", "text/plain");
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~FakeTlsTarget() {
    server_.stop();
    thread_.join();
  }
  std::string Url() const { return absl::StrCat("https://127.0.0.1:", port_, "/metrics"); }

 private:
  // The server owns it.
  static X509_STORE* TrustIn(const SelfSignedCertificate* client) {
    if (client == nullptr) return nullptr;
    X509_STORE* const store = X509_STORE_new();
    X509_STORE_add_cert(store, client->certificate());
    return store;
  }

  httplib::SSLServer server_;
  int port_ = 0;
  std::thread thread_;
};

class ScrapeTlsTest : public ::testing::Test {
 protected:
  // How one scrape of the target went; empty: well.
  std::string ErrorOf(const FakeTlsTarget& target, const ScrapeTls& tls) {
    MemorySampleStore store;
    ReportLog reports;
    ScrapeTargetSettings settings;
    settings.name = "scrapeTargets/probe";
    settings.url = target.Url();
    settings.period = settings.timeout = absl::Seconds(2);
    settings.tls = tls;
    Scraper scraper(store, {}, &reports);
    EXPECT_TRUE(scraper.Add(settings).ok());
    EXPECT_TRUE(scraper.Start().ok());
    return reports.WaitFor(1).last_error;
  }

  TemporaryFolder folder_;
  SelfSignedCertificate own_{"exporter.example"};
  ScrapeTls tls_;
};

TEST_F(ScrapeTlsTest, TrustsNobodyUnasked) {
  FakeTlsTarget target(own_, nullptr);
  EXPECT_THAT(ErrorOf(target, tls_), HasSubstr("certificate"));
}

TEST_F(ScrapeTlsTest, TrustsTheGivenAuthorityUnderTheGivenNameOnly) {
  FakeTlsTarget target(own_, nullptr);
  tls_.ca_file = own_.WriteCertificate(folder_.File("ca.pem"));
  EXPECT_THAT(ErrorOf(target, tls_), HasSubstr("'127.0.0.1'"));
  tls_.server_name = "exporter.example";
  EXPECT_THAT(ErrorOf(target, tls_), IsEmpty());
  tls_.server_name = "other.example";
  EXPECT_THAT(ErrorOf(target, tls_), HasSubstr("'other.example'"));
}

TEST_F(ScrapeTlsTest, TakesAnyCertificateWhenToldTo) {
  FakeTlsTarget target(own_, nullptr);
  tls_.insecure = true;
  EXPECT_THAT(ErrorOf(target, tls_), IsEmpty());
}

TEST_F(ScrapeTlsTest, ShowsItsOwnCertificate) {
  const SelfSignedCertificate daemon("daemon.example");
  FakeTlsTarget target(own_, &daemon);
  tls_.insecure = true;
  EXPECT_FALSE(ErrorOf(target, tls_).empty());
  tls_.cert_file = daemon.WriteCertificate(folder_.File("cert.pem"));
  tls_.key_file = daemon.WriteKey(folder_.File("key.pem"));
  EXPECT_THAT(ErrorOf(target, tls_), IsEmpty());
}

}  // namespace
}  // namespace grayling
