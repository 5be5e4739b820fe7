#include "ml/core/localise_signal.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <vector>

#include "absl/strings/match.h"
#include "absl/types/span.h"

namespace grayling {
namespace {

std::vector<std::string> Words(absl::string_view metric) {
  std::vector<std::string> words(1);
  char previous = '_';
  for (const char c : metric.substr(0, metric.find('{'))) {
    const bool hump = std::isupper(static_cast<unsigned char>(c)) &&
                      std::islower(static_cast<unsigned char>(previous));
    const bool letter = std::isalnum(static_cast<unsigned char>(c));
    if ((hump || !letter) && !words.back().empty()) words.emplace_back();
    if (letter) words.back() += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    previous = c;
  }
  return words;
}

// One word of a kind: "mem" as a beginning, "=io" as the whole word, "*rtt" anywhere in it,
// "seconds mean" as two words in a row.
bool Has(const std::vector<std::string>& words, absl::string_view pattern) {
  const size_t blank = pattern.find(' ');
  for (size_t i = 0; i < words.size(); ++i) {
    if (blank != absl::string_view::npos) {
      if (i + 1 < words.size() && words[i] == pattern.substr(0, blank) &&
          words[i + 1] == pattern.substr(blank + 1)) {
        return true;
      }
    } else if (pattern[0] == '=') {
      if (words[i] == pattern.substr(1)) return true;
    } else if (pattern[0] == '*') {
      if (absl::StrContains(words[i], pattern.substr(1))) return true;
    } else if (absl::StartsWith(words[i], pattern)) {
      return true;
    }
  }
  return false;
}

struct KindWords {
  SignalKind kind;
  absl::string_view name;
  absl::Span<const absl::string_view> words;
};

constexpr absl::string_view kErrorWords[] = {
    "=err",   "error", "fail", "exception", "timeout", "retrans", "retries",
    "=retry", "loss",  "lost", "reset",     "refus",   "drop",    "reject",
    "abort",  "*5xx",  "*4xx", "success",   "availab", "=ok"};
constexpr absl::string_view kLatencyWords[] = {
    "latenc", "duration",     "delay",         "elapsed",      "*rtt",
    "=rt",    "responsetime", "response time", "seconds mean", "jitter"};
constexpr absl::string_view kCpuWords[] = {"cpu", "throttl", "=runqueue", "run queue"};
constexpr absl::string_view kMemoryWords[] = {"=mem", "memory", "=rss", "heap",
                                              "swap", "=gc",    "oom"};
constexpr absl::string_view kNetworkWords[] = {"net",  "=rx",     "=tx",      "tcp", "packet",
                                               "sock", "receive", "transmit", "=nic"};
constexpr absl::string_view kDiskWords[] = {"disk",  "=io",    "=fs",   "filesystem", "block",
                                            "=read", "=reads", "write", "iops"};
constexpr absl::string_view kLoadWords[] = {"request", "call",     "=qps",     "=rps", "=tps",
                                            "ops",     "throughp", "workload", "load", "traffic"};
constexpr absl::string_view kLowIsBadWords[] = {"success", "availab", "=ok"};

// In order of precedence: "request_errors_rate" is errors, "cpu_run_delay_seconds" is CPU.
constexpr KindWords kKinds[] = {{SignalKind::kErrors, "errors", kErrorWords},
                                {SignalKind::kCpu, "cpu", kCpuWords},
                                {SignalKind::kMemory, "memory", kMemoryWords},
                                {SignalKind::kLatency, "latency", kLatencyWords},
                                {SignalKind::kNetwork, "network", kNetworkWords},
                                {SignalKind::kDisk, "disk", kDiskWords},
                                {SignalKind::kLoad, "load", kLoadWords}};

const KindWords* Find(absl::string_view metric) {
  const std::vector<std::string> words = Words(metric);
  for (const KindWords& kind : kKinds) {
    for (const absl::string_view pattern : kind.words) {
      if (Has(words, pattern)) return &kind;
    }
  }
  return nullptr;
}

}  // namespace

SignalKind SignalKindOf(absl::string_view metric) {
  const KindWords* found = Find(metric);
  return found == nullptr ? SignalKind::kOther : found->kind;
}

bool LowIsBad(absl::string_view metric) {
  const std::vector<std::string> words = Words(metric);
  return std::any_of(std::begin(kLowIsBadWords), std::end(kLowIsBadWords),
                     [&](absl::string_view pattern) { return Has(words, pattern); });
}

std::string SignalFamily(absl::string_view metric) {
  const KindWords* found = Find(metric);
  return std::string(found == nullptr ? metric : found->name);
}

}  // namespace grayling
