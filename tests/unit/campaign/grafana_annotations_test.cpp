#include "daemon/campaign/grafana_annotations.h"

#include <gmock/gmock.h>
#include <httplib.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "absl/time/clock.h"
#include "base/manual_clock.h"

namespace grayling {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::SizeIs;

// Grafana's annotations over HTTP, as its documentation says: bearer token, POST gives an id, PATCH
// changes one, GET finds by tag. Can refuse, break down, be slow.
class FakeGrafana {
 public:
  FakeGrafana() {
    server_.Post(
        "/api/annotations", [this](const httplib::Request& request, httplib::Response& response) {
          absl::MutexLock lock(&mutex_);
          if (!Admit(request, response)) return;
          json body = json::parse(request.body);
          if (!body.contains("text")) {
            response.status = 400;
            return;
          }
          body["id"] = annotations_.size() + 1;
          annotations_.push_back(body);
          response.set_content(json({{"message", "Annotation added"}, {"id", body["id"]}}).dump(),
                               "application/json");
        });
    server_.Patch(R"(/api/annotations/(\d+))",
                  [this](const httplib::Request& request, httplib::Response& response) {
                    absl::MutexLock lock(&mutex_);
                    if (!Admit(request, response)) return;
                    const size_t id = std::stoul(request.matches[1].str());
                    if (id > annotations_.size()) {
                      response.status = 404;
                      return;
                    }
                    annotations_[id - 1].update(json::parse(request.body));
                    response.set_content(R"({"message":"Annotation patched"})", "application/json");
                  });
    server_.Get("/api/annotations",
                [this](const httplib::Request& request, httplib::Response& response) {
                  absl::MutexLock lock(&mutex_);
                  if (!Admit(request, response)) return;
                  json found = json::array();
                  for (const json& annotation : annotations_) {
                    for (const json& tag : annotation["tags"]) {
                      if (tag == request.get_param_value("tags")) found.push_back(annotation);
                    }
                  }
                  response.set_content(found.dump(), "application/json");
                });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~FakeGrafana() {
    server_.stop();
    thread_.join();
  }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  // The next `count` requests are answered with `status`.
  void Fail(int count, int status) {
    absl::MutexLock lock(&mutex_);
    failures_ = count;
    failure_status_ = status;
  }
  std::vector<json> annotations() {
    absl::MutexLock lock(&mutex_);
    return annotations_;
  }
  int requests() {
    absl::MutexLock lock(&mutex_);
    return requests_;
  }

 private:
  bool Admit(const httplib::Request& request, httplib::Response& response)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    ++requests_;
    if (request.get_header_value("Authorization") != "Bearer secret") {
      response.status = 401;
    } else if (failures_ > 0) {
      --failures_;
      response.status = failure_status_;
    } else {
      return true;
    }
    return false;
  }

  httplib::Server server_;
  absl::Mutex mutex_;
  std::vector<json> annotations_ ABSL_GUARDED_BY(mutex_);
  int failures_ ABSL_GUARDED_BY(mutex_) = 0;
  int failure_status_ ABSL_GUARDED_BY(mutex_) = 500;
  int requests_ ABSL_GUARDED_BY(mutex_) = 0;
  int port_ = 0;
  std::thread thread_;
};

FaultRecord Fault(const std::string& name, const std::string& campaign = "") {
  FaultRecord fault;
  fault.name = "faults/" + name;
  fault.kind = "network.delay";
  fault.vm = "vms/lab";
  fault.service = "visits-service";
  fault.parameters = {{"delay_ms", 40}};
  fault.campaign = campaign;
  fault.verified = absl::FromUnixSeconds(1'772'360'100);
  return fault;
}

FaultRecord EndOf(FaultRecord fault) {
  fault.reverted = fault.verified + absl::Seconds(30);
  return fault;
}

class GrafanaAnnotationsTest : public ::testing::Test {
 protected:
  void Settle() { EXPECT_TRUE(annotations_->WaitUntilDone(absl::Seconds(20))); }

  FakeGrafana grafana_;
  ManualClock clock_{absl::FromUnixSeconds(1'772'360'130)};
  GrafanaClient client_{grafana_.url(), "secret", absl::Seconds(5)};
  std::unique_ptr<GrafanaAnnotations> annotations_ =
      std::make_unique<GrafanaAnnotations>(client_, clock_);
};

TEST_F(GrafanaAnnotationsTest, AFaultIsOneAnnotationFromItsStartToItsEnd) {
  annotations_->OnVerified(Fault("1"));
  Settle();
  ASSERT_THAT(grafana_.annotations(), SizeIs(1));
  EXPECT_EQ(grafana_.annotations()[0]["time"], 1'772'360'100'000);
  EXPECT_FALSE(grafana_.annotations()[0].contains("timeEnd"));
  EXPECT_EQ(grafana_.annotations()[0]["text"], "network.delay on visits-service, delay_ms 40");
  for (const char* tag : {"grayling", "network.delay", "visits-service", "fault:faults/1"}) {
    EXPECT_THAT(grafana_.annotations()[0]["tags"].get<std::vector<std::string>>(), Contains(tag));
  }
  annotations_->OnEnded(EndOf(Fault("1")));
  Settle();
  ASSERT_THAT(grafana_.annotations(), SizeIs(1));
  EXPECT_EQ(grafana_.annotations()[0]["timeEnd"], 1'772'360'130'000);
}

TEST_F(GrafanaAnnotationsTest, OnlyCampaignsThatWantItAreAnnotated) {
  annotations_->OnVerified(Fault("1", "campaigns/quiet"));
  annotations_->OnEnded(EndOf(Fault("1", "campaigns/quiet")));
  annotations_->AddCampaign("campaigns/shown");
  annotations_->OnVerified(Fault("2", "campaigns/shown"));
  Settle();
  ASSERT_THAT(grafana_.annotations(), SizeIs(1));
  EXPECT_THAT(grafana_.annotations()[0]["tags"].get<std::vector<std::string>>(),
              Contains("campaigns/shown"));
}

TEST_F(GrafanaAnnotationsTest, AFaultThatNeverActedIsNotShown) {
  FaultRecord failed = Fault("1");
  failed.verified = absl::InfinitePast();
  annotations_->OnEnded(failed);
  Settle();
  EXPECT_EQ(grafana_.requests(), 0);
}

TEST_F(GrafanaAnnotationsTest, AFaultOfAnEarlierDaemonIsClosedByItsTag) {
  annotations_->OnVerified(Fault("1"));
  Settle();
  annotations_ = std::make_unique<GrafanaAnnotations>(client_, clock_);
  annotations_->OnEnded(EndOf(Fault("1")));
  Settle();
  ASSERT_THAT(grafana_.annotations(), SizeIs(1));
  EXPECT_EQ(grafana_.annotations()[0]["timeEnd"], 1'772'360'130'000);
}

TEST_F(GrafanaAnnotationsTest, WhatFailsIsTriedAgainInOrder) {
  grafana_.Fail(3, 503);
  annotations_->OnVerified(Fault("1"));
  annotations_->OnEnded(EndOf(Fault("1")));
  Settle();
  ASSERT_THAT(grafana_.annotations(), SizeIs(1));
  EXPECT_TRUE(grafana_.annotations()[0].contains("timeEnd"));
  EXPECT_EQ(grafana_.requests(), 5);
  EXPECT_EQ(annotations_->dropped(), 0u);
}

TEST_F(GrafanaAnnotationsTest, AWrongTokenIsNotTriedAgainAndCounted) {
  GrafanaClient stranger(grafana_.url(), "wrong", absl::Seconds(5));
  GrafanaAnnotations annotations(stranger, clock_);
  annotations.OnVerified(Fault("1"));
  EXPECT_TRUE(annotations.WaitUntilDone(absl::Seconds(20)));
  EXPECT_EQ(annotations.dropped(), 1u);
  EXPECT_EQ(grafana_.requests(), 1);
}

TEST_F(GrafanaAnnotationsTest, AnEndWhoseBeginningWasLostMakesTheWholeAnnotation) {
  grafana_.Fail(1, 400);
  annotations_->OnVerified(Fault("1"));
  annotations_->OnEnded(EndOf(Fault("1")));
  Settle();
  ASSERT_THAT(grafana_.annotations(), SizeIs(1));
  EXPECT_EQ(grafana_.annotations()[0]["time"], 1'772'360'100'000);
  EXPECT_EQ(grafana_.annotations()[0]["timeEnd"], 1'772'360'130'000);
  EXPECT_EQ(annotations_->dropped(), 1u);
}

TEST_F(GrafanaAnnotationsTest, AGrafanaThatIsDownIsGivenUpAfterAnHourAndDelaysNobody) {
  grafana_.Fail(1'000'000, 500);
  const absl::Time before = absl::Now();
  for (int i = 0; i < 1500; ++i) annotations_->OnVerified(Fault(std::to_string(i)));
  EXPECT_LT(absl::Now() - before, absl::Seconds(5));
  EXPECT_GE(annotations_->dropped(), 499u) << "the queue is bounded";
  EXPECT_TRUE(annotations_->WaitUntilDone(absl::Seconds(60)));
  EXPECT_EQ(annotations_->dropped(), 1500u);
}

TEST_F(GrafanaAnnotationsTest, NobodyListeningIsNoHarm) {
  GrafanaClient nobody("http://127.0.0.1:1", "", absl::Seconds(1));
  GrafanaAnnotations annotations(nobody, clock_);
  annotations.OnVerified(Fault("1"));
  EXPECT_TRUE(annotations.WaitUntilDone(absl::Seconds(20)));
  EXPECT_EQ(annotations.dropped(), 1u);
}

}  // namespace
}  // namespace grayling
