#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "daemon/store/file_lock.h"

struct sqlite3;
struct sqlite3_stmt;

namespace grayling {

// One prepared statement, bound left to right from 1. Lives inside Database::Run only. After
// Execute it can be bound and executed again. Text is read and written as bytes: a NUL is kept.
class Statement {
 public:
  Statement(sqlite3* db, absl::string_view sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& Bind(absl::string_view text);
  Statement& Bind(int64_t value);
  Statement& Bind(int value) { return Bind(static_cast<int64_t>(value)); }
  Statement& Bind(double value);
  Statement& BindNull();
  Statement& BindBlob(absl::string_view bytes);

  // Runs to the end, calling `row` (may be empty) for each result row. Any earlier bind error is
  // returned here.
  absl::Status Execute(const std::function<void(const Statement&)>& row = nullptr);

  std::string Text(int column) const;
  int64_t Integer(int column) const;
  bool IsNull(int column) const;
  double Real(int column) const;

 private:
  void Note(int code);

  sqlite3* db_;
  sqlite3_stmt* statement_ = nullptr;
  absl::Status status_;
  int next_ = 1;
};

// The daemon's one SQLite database: WAL, foreign keys, synchronous=FULL (the fault journal must
// survive power loss), schema brought up to date by numbered migrations on open.
// Holds '<path>.lock' for its lifetime, so that a second daemon cannot open the same state.
// Thread-safe: one connection behind one mutex; calls are short. A body must not call the Database
// again.
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
  Database(FileLock lock, sqlite3* db) : lock_(std::move(lock)), db_(db) {}

  const FileLock lock_;
  absl::Mutex mutex_;
  sqlite3* const db_ ABSL_PT_GUARDED_BY(mutex_);
};

// Opens a connection with the settings every database of the daemon has: WAL, synchronous=FULL,
// foreign keys, a short busy timeout. The caller closes it with sqlite3_close.
absl::StatusOr<sqlite3*> OpenConnection(const std::string& path);

// SQLite's result code as a status with one clear sentence: SQLITE_FULL becomes RESOURCE_EXHAUSTED.
absl::Status SqliteStatus(int code, sqlite3* db, absl::string_view doing);

}  // namespace grayling
