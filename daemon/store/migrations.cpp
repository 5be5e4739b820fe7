#include "daemon/store/migrations.h"

#include <sqlite3.h>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "daemon/store/database.h"

namespace grayling {
namespace {

// Times are nanoseconds since the Unix epoch; NULL is "not yet".
constexpr const char* kMigrations[] = {
    // 1: documents, faults, events
    R"(
CREATE TABLE records (
  sequence   INTEGER PRIMARY KEY AUTOINCREMENT,
  collection TEXT NOT NULL,
  name       TEXT NOT NULL,
  body       BLOB NOT NULL,
  created_ns INTEGER NOT NULL,
  UNIQUE (collection, name)
);
CREATE TABLE numbers (
  collection TEXT PRIMARY KEY,
  last       INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE faults (
  sequence    INTEGER PRIMARY KEY AUTOINCREMENT,
  name        TEXT NOT NULL UNIQUE,
  kind        TEXT NOT NULL,
  vm          TEXT NOT NULL,
  service     TEXT NOT NULL,
  parameters  TEXT NOT NULL,
  duration_ns INTEGER NOT NULL,
  state       INTEGER NOT NULL,
  undo        TEXT NOT NULL,
  reason      TEXT NOT NULL,
  campaign    TEXT NOT NULL,
  created_ns  INTEGER,
  verified_ns INTEGER,
  reverted_ns INTEGER
);
CREATE INDEX faults_by_state ON faults (state);
CREATE TABLE events (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  time_ns  INTEGER NOT NULL,
  subject  TEXT NOT NULL,
  text     TEXT NOT NULL
);
CREATE INDEX events_by_time ON events (time_ns);
)",
    // 2: which model was active when; before, only the last choice was kept
    R"(
CREATE TABLE model_activations (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  model    TEXT NOT NULL,
  rollback INTEGER NOT NULL,
  time_ns  INTEGER NOT NULL
);
INSERT INTO model_activations (model, rollback, time_ns)
  SELECT CAST(body AS TEXT), 0, created_ns FROM records
  WHERE collection = 'models' AND name = 'active';
DELETE FROM records WHERE collection = 'models' AND name = 'active';
)",
    // 3: a fault's options, shape, backend and arguments
    R"(
ALTER TABLE faults ADD COLUMN details TEXT NOT NULL DEFAULT '';
)",
    // 4: an event's instant in the guest's clock
    R"(
ALTER TABLE events ADD COLUMN guest_time_ns INTEGER;
)",
};

absl::StatusOr<int64_t> SchemaVersion(sqlite3* db) {
  int64_t version = 0;
  GRAYLING_RETURN_IF_ERROR(Statement(db, "PRAGMA user_version").Execute([&](const Statement& row) {
    version = row.Integer(0);
  }));
  return version;
}

absl::Status ApplyOne(sqlite3* db, const char* sql, int64_t version) {
  const std::string script =
      absl::StrCat("BEGIN IMMEDIATE;", sql, ";PRAGMA user_version=", version, ";COMMIT;");
  const int code = sqlite3_exec(db, script.c_str(), nullptr, nullptr, nullptr);
  if (code == SQLITE_OK) return absl::OkStatus();
  const absl::Status status =
      SqliteStatus(code, db, absl::StrCat("bring the schema to version ", version));
  sqlite3_exec(db, "ROLLBACK", nullptr, nullptr, nullptr);
  return status;
}

}  // namespace

absl::Span<const char* const> Migrations() { return kMigrations; }

absl::Status Migrate(sqlite3* db, absl::Span<const char* const> migrations) {
  GRAYLING_ASSIGN_OR_RETURN(const int64_t version, SchemaVersion(db));
  const auto newest = static_cast<int64_t>(migrations.size());
  if (version > newest) {
    return absl::FailedPreconditionError(
        absl::StrCat("the database has schema version ", version, ", this program knows up to ",
                     newest, "; install the newer program again or choose another state folder"));
  }
  for (int64_t step = version; step < newest; ++step) {
    GRAYLING_RETURN_IF_ERROR(ApplyOne(db, migrations[static_cast<size_t>(step)], step + 1));
  }
  return absl::OkStatus();
}

}  // namespace grayling
