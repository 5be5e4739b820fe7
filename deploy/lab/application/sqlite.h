#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

struct sqlite3;
struct sqlite3_stmt;

namespace grayling::lab {

// One use of a prepared statement: bind from left to right, then step. Ends the use (and with it
// SQLite's read transaction) when destroyed. Bind errors are reported by the next Step.
class Query {
 public:
  explicit Query(sqlite3_stmt* statement) : statement_(statement) {}
  ~Query();
  Query(Query&& other) noexcept;
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  Query& Bind(int64_t value);
  Query& Bind(absl::string_view text);

  // True when there is a row, false at the end.
  absl::StatusOr<bool> Step();
  // Steps to the end, dropping rows.
  absl::Status Finish();

  int64_t Integer(int column) const;
  std::string Text(int column) const;

 private:
  sqlite3_stmt* statement_;
  int next_ = 1;
  int bind_result_ = 0;
};

// One SQLite connection: WAL, every commit synced, about 1 MB of own page cache and no mmap, so
// that the data lives in the kernel's page cache and memory pressure is felt. One thread at a time.
class Connection {
 public:
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const std::string& path);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Prepared once per text of `sql`; two uses of one text may not overlap.
  absl::StatusOr<Query> Prepare(const std::string& sql);
  // One or more statements without parameters or rows.
  absl::Status Execute(const std::string& sql);
  // The first column of the only row. NOT_FOUND when there is none.
  absl::StatusOr<int64_t> Integer(const std::string& sql);
  int64_t LastId() const;

 private:
  explicit Connection(sqlite3* db) : db_(db) {}

  sqlite3* db_;
  std::map<std::string, sqlite3_stmt*> prepared_;
};

// A fixed number of connections to one file. Thread-safe; Take waits for a free one.
class ConnectionPool {
 public:
  static absl::StatusOr<std::unique_ptr<ConnectionPool>> Open(const std::string& path, int count);

  // Gives the connection back when destroyed.
  class Lease {
   public:
    Lease(ConnectionPool* pool, std::unique_ptr<Connection> connection)
        : pool_(pool), connection_(std::move(connection)) {}
    ~Lease();
    Lease(Lease&&) = default;
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Connection* operator->() const { return connection_.get(); }
    Connection& operator*() const { return *connection_; }

   private:
    ConnectionPool* pool_;
    std::unique_ptr<Connection> connection_;
  };
  Lease Take();

 private:
  absl::Mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace grayling::lab
