#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

using CURL = void;

namespace grayling {

struct VictoriaMetricsAddress {
  // http://127.0.0.1:8428, or a cluster's http://vminsert:8480/insert/0/prometheus.
  std::string write_url;
  // Where it is read; http://vmselect:8481/select/0/prometheus in a cluster, else the same.
  std::string read_url;
};

// INVALID_ARGUMENT for what is no HTTP address. A final slash is dropped.
absl::StatusOr<VictoriaMetricsAddress> AddressOf(const std::string& write_url,
                                                 const std::string& read_url);

// The selector of one series in VictoriaMetrics' query language, given its canonical text. It also
// takes series that have more labels. INVALID_ARGUMENT when the text is no series.
absl::StatusOr<std::string> ExportSelectorOf(absl::string_view series);

// The HTTP calls to VictoriaMetrics. UNAVAILABLE when it does not answer or answers with 5xx,
// INVALID_ARGUMENT when it refuses the request; each with a sentence that names the address.
// Write may be called from one thread at a time, all others from any.
class VictoriaMetricsClient {
 public:
  explicit VictoriaMetricsClient(VictoriaMetricsAddress address);
  ~VictoriaMetricsClient();

  // Remote write 1.0: `body` is a snappy block. At most 10 s.
  absl::Status Write(absl::string_view body);

  // /api/v1/export of the series that any of `selectors` takes, with from_ms <= time <= to_ms or a
  // little more: one line per series, without its newline. Stops at the callback's first error.
  absl::Status Export(const std::vector<std::string>& selectors, int64_t from_ms, int64_t to_ms,
                      absl::FunctionRef<absl::Status(absl::string_view)> visit);

  // When the server was started, in Unix seconds; none where it does not say.
  std::optional<int64_t> StartedAt();
  // The flag's value, quotes removed; none when it has its default or the server does not say.
  std::optional<std::string> Flag(absl::string_view name);

  const VictoriaMetricsAddress& address() const { return address_; }

 private:
  struct CloseHandle {
    void operator()(CURL* handle) const;
  };
  using Handle = std::unique_ptr<CURL, CloseHandle>;

  std::optional<std::string> Page(absl::string_view path);

  const VictoriaMetricsAddress address_;
  Handle writer_;  // keeps its connection
};

}  // namespace grayling
