#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "daemon/load/jtl_row.h"

namespace grayling {

// Which field of a JTL's record is which. Immutable.
class JtlColumns {
 public:
  // A header is a record whose first field is `timeStamp`, in any case of letters.
  static bool IsHeader(absl::string_view first_field);
  // INVALID_ARGUMENT when timeStamp, elapsed, label or success is not there, naming the property
  // that brings it.
  static absl::StatusOr<JtlColumns> FromHeader(absl::Span<const std::string> names);
  // JMeter 5's 17 columns in their order, with sample variables after them. INVALID_ARGUMENT for
  // fewer fields, and for a first field that is no Unix time in milliseconds.
  static absl::StatusOr<JtlColumns> ForFirstRow(absl::Span<const std::string> fields);

  // INVALID_ARGUMENT when the number of fields or one of them is wrong. The row points into
  // `fields`.
  absl::StatusOr<JtlRow> RowOf(absl::Span<const std::string> fields) const;

 private:
  enum Column {
    kTimeStamp,
    kElapsed,
    kLabel,
    kSuccess,
    kResponseCode,
    kResponseMessage,
    kFailureMessage,
    kBytes,
    kAllThreads,
    kColumns,
  };
  struct ColumnName;

  explicit JtlColumns(size_t width) : width_(width) { at_.fill(kMissing); }
  absl::string_view Field(absl::Span<const std::string> fields, Column column) const;

  static const std::array<ColumnName, kColumns>& Names();
  static constexpr size_t kMissing = static_cast<size_t>(-1);

  std::array<size_t, kColumns> at_;
  size_t width_;
};

}  // namespace grayling
