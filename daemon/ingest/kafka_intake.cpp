#include "daemon/ingest/kafka_intake.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "base/status_macros.h"

namespace grayling {
namespace {

constexpr absl::Duration kBetweenTries = absl::Seconds(1);
constexpr absl::Duration kForAMessage = absl::Milliseconds(200);
constexpr absl::Duration kForBrokers = absl::Seconds(5);
constexpr int kMessagesAtOnce = 1000;
constexpr size_t kMostComplaints = 100;

}  // namespace

KafkaIntake::KafkaIntake(KafkaSettings settings, SampleIntake& intake, Clock& clock)
    : settings_(std::move(settings)),
      intake_(intake),
      clock_(clock),
      messages_(intake.store()),
      thread_([this] { Loop(); }) {}

KafkaIntake::~KafkaIntake() {
  stop_.Notify();
  thread_.join();
}

void KafkaIntake::Loop() {
  batch_.target = "kafka/" + settings_.topic;
  do {
    const absl::Status status = Run();
    if (!status.ok()) spdlog::warn("{}; it is tried again", std::string(status.message()));
  } while (Pause(kBetweenTries));
}

absl::Status KafkaIntake::Run() {
  GRAYLING_ASSIGN_OR_RETURN(
      KafkaTopic metadata,
      KafkaTopic::FromBeginning(settings_.brokers, settings_.metadata_topic, kForBrokers));
  const auto learn = [this](absl::string_view message) {
    const absl::Status learnt = messages_.Learn(message);
    if (!learnt.ok()) spdlog::warn("{}", std::string(learnt.message()));
  };
  while (!metadata.IsAtEnd() && !stop_.HasBeenNotified()) {
    GRAYLING_RETURN_IF_ERROR(metadata.Poll(kForAMessage, learn).status());
  }
  GRAYLING_ASSIGN_OR_RETURN(
      KafkaTopic metrics,
      KafkaTopic::Subscribe(settings_.brokers, settings_.topic, settings_.group));
  const auto read = [this](absl::string_view message) { Read(message); };
  while (!stop_.HasBeenNotified()) {
    batch_.series.clear();
    batch_.values.clear();
    batch_.times_ms.clear();
    GRAYLING_RETURN_IF_ERROR(metadata.Poll(absl::ZeroDuration(), learn).status());
    GRAYLING_ASSIGN_OR_RETURN(bool came, metrics.Poll(kForAMessage, read));
    if (!came) continue;
    for (int i = 1; came && i < kMessagesAtOnce; ++i) {
      GRAYLING_ASSIGN_OR_RETURN(came, metrics.Poll(absl::ZeroDuration(), read));
    }
    if (!Keep()) return absl::OkStatus();
    if (const absl::Status done = metrics.Commit(); !done.ok()) {
      spdlog::warn("{}; its messages may be read twice, which changes nothing",
                   std::string(done.message()));
    }
  }
  return absl::OkStatus();
}

void KafkaIntake::Read(absl::string_view message) {
  const absl::Status status = messages_.Read(message, batch_);
  if (status.ok() || complaints_.size() >= kMostComplaints) return;
  const std::string sentence(status.message());
  if (complaints_.insert(sentence).second) {
    spdlog::warn("{}; such messages are passed over, and this is said once", sentence);
  }
}

bool KafkaIntake::Keep() {
  SettleInstants(batch_);
  bool is_first = true;
  while (true) {
    absl::Status kept = intake_.Take(batch_);
    if (kept.ok()) kept = intake_.WaitDurable();
    if (kept.ok()) return true;
    if (absl::IsInvalidArgument(kept)) {
      spdlog::warn("{} samples from Kafka are passed over: {}", batch_.series.size(),
                   std::string(kept.message()));
      return true;
    }
    if (std::exchange(is_first, false)) {
      spdlog::warn("samples from Kafka wait: {}", std::string(kept.message()));
    }
    if (!Pause(kBetweenTries)) return false;
  }
}

}  // namespace grayling
