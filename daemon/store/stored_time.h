#pragma once

#include <cstdint>

#include "absl/time/time.h"
#include "daemon/store/database.h"

namespace grayling {

// How an instant lies in the database: nanoseconds since the Unix epoch; NULL for InfinitePast.
inline void BindTime(Statement& statement, absl::Time time) {
  if (time == absl::InfinitePast()) {
    statement.BindNull();
  } else {
    statement.Bind(absl::ToUnixNanos(time));
  }
}

inline absl::Time ReadTime(const Statement& row, int column) {
  return row.IsNull(column) ? absl::InfinitePast() : absl::FromUnixNanos(row.Integer(column));
}

}  // namespace grayling
