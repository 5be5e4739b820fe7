#pragma once

#include "absl/status/status.h"
#include "absl/types/span.h"

struct sqlite3;

namespace grayling {

// The schema's history: entry k brings a database from version k to k + 1. Entries are only ever
// appended; a published one never changes. The version is kept in PRAGMA user_version.
absl::Span<const char* const> Migrations();

// Applies what is missing, each step with its version in one transaction. FAILED_PRECONDITION, and
// no change, when the database is newer than this program.
absl::Status Migrate(sqlite3* db, absl::Span<const char* const> migrations);

}  // namespace grayling
