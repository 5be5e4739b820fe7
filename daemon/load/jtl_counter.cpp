#include "daemon/load/jtl_counter.h"

#include "absl/strings/match.h"
#include "daemon/metrics/label_block.h"
#include "daemon/metrics/valid_utf8.h"

namespace grayling {
namespace {

constexpr size_t kMostRoutes = 64;
constexpr size_t kLongestLabel = 100;

// How JMeter's transaction controller says what its row stands for.
bool IsTransaction(const JtlRow& row) {
  return absl::StartsWith(row.response_message, "Number of samples in transaction");
}

std::optional<absl::Duration> LatencyOf(const JtlRow& row) {
  const bool unanswered = absl::StartsWith(row.response_code, "Non HTTP response code");
  const bool timed_out = absl::StrContains(row.response_code, "SocketTimeoutException") ||
                         absl::StrContains(row.response_code, "ConnectTimeoutException");
  if (unanswered && !timed_out) return std::nullopt;
  return absl::Milliseconds(row.elapsed_ms);
}

std::string SeriesLabel(absl::string_view label) {
  std::string escaped;
  AppendEscaped(ValidUtf8(label.substr(0, kLongestLabel)), escaped);
  return escaped.empty() ? "unnamed" : escaped;
}

}  // namespace

void JtlCounter::Count(const JtlRow& row) {
  if (row.all_users.has_value()) users_ = *row.all_users;
  const bool is_transaction = IsTransaction(row);
  if (is_transaction && saw_request_) return;
  saw_request_ = saw_request_ || !is_transaction;
  ++requests_;
  // JMeter says nothing of requests that it should have sent.
  meter_.CountOffered(1, 0);
  meter_.CountSent();
  meter_.Count({.route = RouteOf(row.label),
                .error = !row.success,
                .latency = LatencyOf(row),
                .response_bytes = row.bytes});
}

size_t JtlCounter::RouteOf(absl::string_view label) {
  if (const auto known = routes_.find(label); known != routes_.end()) return known->second;
  const std::string name = routes_.size() < kMostRoutes ? std::string(label) : "other";
  if (const auto other = routes_.find(name); other != routes_.end()) return other->second;
  return routes_.emplace(name, meter_.AddRoute(SeriesLabel(name))).first->second;
}

}  // namespace grayling
