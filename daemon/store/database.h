#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

struct sqlite3;
struct sqlite3_stmt;

namespace grayling {

// One prepared statement, bound left to right from 1. Lives inside Database::Run only.
class Statement {
 public:
  Statement(sqlite3* db, absl::string_view sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& Bind(absl::string_view text);
  Statement& Bind(int64_t value);
  Statement& Bind(double value);
  Statement& BindBlob(absl::string_view bytes);

  // Runs to the end, calling `row` (may be empty) for each result row. Any earlier bind error is
  // returned here.
  absl::Status Execute(const std::function<void(const Statement&)>& row = nullptr);

  std::string Text(int column) const;
  int64_t Integer(int column) const;
  double Real(int column) const;

 private:
  sqlite3* db_;
  sqlite3_stmt* statement_ = nullptr;
  absl::Status status_;
  int next_ = 1;
};

// The daemon's one SQLite database: WAL, foreign keys, synchronous=FULL (the fault journal must
// survive power loss), schema brought up to date by numbered migrations on open.
// Thread-safe: one connection behind one mutex; calls are short.
class Database {
 public:
  // Errors: FAILED_PRECONDITION when the file belongs to a newer schema; RESOURCE_EXHAUSTED when
  // the disk is full; UNAVAILABLE when another process holds it.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& path);
  ~Database();

  // Runs `body` inside one transaction; rolls back when it returns an error.
  absl::Status Transaction(const std::function<absl::Status(sqlite3*)>& body);
  // Runs `body` under the lock without an explicit transaction (reads, single writes).
  absl::Status Run(const std::function<absl::Status(sqlite3*)>& body);

 private:
  explicit Database(sqlite3* db) : db_(db) {}
  absl::Mutex mutex_;
  sqlite3* const db_ ABSL_PT_GUARDED_BY(mutex_);
};

// SQLite's result code as a status with one clear sentence: SQLITE_FULL becomes RESOURCE_EXHAUSTED.
absl::Status SqliteStatus(int code, sqlite3* db, absl::string_view doing);

}  // namespace grayling
