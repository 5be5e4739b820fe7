#include "deploy/lab/application/upstream.h"

#include <httplib.h>

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"

namespace grayling::lab {
namespace {

std::string Label(const std::string& name) { return absl::StrCat("upstream=\"", name, "\""); }

}  // namespace

Upstream::Upstream(const std::string& name, std::string address, absl::Duration limit,
                   Registry& metrics, Clock& clock)
    : name_(name),
      address_(std::move(address)),
      limit_(limit),
      breaker_(clock),
      seconds_(metrics.LatencyHistogram("http_client_requests_seconds", Label(name))),
      errors_(metrics.Counter("http_client_errors_total", Label(name))),
      retries_(metrics.Counter("http_client_retries_total", Label(name))),
      open_(metrics.Gauge("circuit_breaker_open", Label(name))) {}

Upstream::~Upstream() = default;

absl::StatusOr<Reply> Upstream::Send(const std::string& method, const std::string& target,
                                     const std::string& body, const std::string& content_type) {
  if (!breaker_.Allow()) {
    return absl::UnavailableError(absl::StrCat(name_, " is not asked: its circuit is open"));
  }
  Attempt attempt = Try(method, target, body, content_type);
  if (attempt.worth_retrying) {
    retries_.Add(1);
    attempt = Try(method, target, body, content_type);
  }
  const bool success = attempt.result.ok() && attempt.result->status < 500;
  breaker_.Record(success);
  open_.Set(breaker_.IsOpen() ? 1 : 0);
  return std::move(attempt.result);
}

Upstream::Attempt Upstream::Try(const std::string& method, const std::string& target,
                                const std::string& body, const std::string& content_type) {
  const auto start = std::chrono::steady_clock::now();
  const auto elapsed = [start] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  std::unique_ptr<httplib::Client> client = TakeConnection();
  if (client == nullptr) {
    errors_.Add(1);
    return {absl::UnavailableError(absl::StrCat(name_, ": all connections are busy")), false};
  }
  httplib::Request request;
  request.method = method;
  request.path = target;
  request.body = body;
  if (!content_type.empty()) request.set_header("Content-Type", content_type);
  httplib::Result result = client->send(request);
  seconds_.Observe(elapsed());
  if (!result) {
    GiveBack(nullptr);
    errors_.Add(1);
    const std::string reason = httplib::to_string(result.error());
    if (result.error() == httplib::Error::Connection) {
      return {absl::UnavailableError(absl::StrCat(name_, " cannot be reached: ", reason)), true};
    }
    if (elapsed() >= absl::ToDoubleSeconds(limit_)) {
      return {absl::DeadlineExceededError(absl::StrCat(name_, " did not answer in time")), false};
    }
    return {absl::UnavailableError(absl::StrCat(name_, " broke off: ", reason)), false};
  }
  GiveBack(std::move(client));
  if (result->status >= 500) errors_.Add(1);
  Reply reply{result->status, std::move(result->body), result->get_header_value("Content-Type")};
  return {std::move(reply), result->status == 503};
}

std::unique_ptr<httplib::Client> Upstream::TakeConnection() {
  absl::MutexLock lock(&mutex_);
  const auto one_is_free = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return taken_ < kMaxConnections;
  };
  if (!mutex_.AwaitWithTimeout(absl::Condition(&one_is_free), limit_)) return nullptr;
  ++taken_;
  if (!idle_.empty()) {
    std::unique_ptr<httplib::Client> client = std::move(idle_.back());
    idle_.pop_back();
    return client;
  }
  auto client = std::make_unique<httplib::Client>(address_);
  client->set_keep_alive(true);
  client->set_tcp_nodelay(true);
  const auto limit = absl::ToChronoMicroseconds(limit_);
  client->set_connection_timeout(limit);
  client->set_read_timeout(limit);
  client->set_write_timeout(limit);
  return client;
}

void Upstream::GiveBack(std::unique_ptr<httplib::Client> client) {
  absl::MutexLock lock(&mutex_);
  --taken_;
  if (client != nullptr) idle_.push_back(std::move(client));
}

}  // namespace grayling::lab
