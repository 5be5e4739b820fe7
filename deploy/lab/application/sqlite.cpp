#include "deploy/lab/application/sqlite.h"

#include <sqlite3.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace grayling::lab {
namespace {

absl::Status ErrorOf(sqlite3* db, int code) {
  const std::string message = absl::StrCat("database: ", sqlite3_errmsg(db));
  const int primary = code & 0xff;
  if (primary == SQLITE_BUSY || primary == SQLITE_LOCKED) return absl::UnavailableError(message);
  return absl::InternalError(message);
}

}  // namespace

Query::Query(Query&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)),
      next_(other.next_),
      bind_result_(other.bind_result_) {}

Query::~Query() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

Query& Query::Bind(int64_t value) {
  bind_result_ |= sqlite3_bind_int64(statement_, next_++, value);
  return *this;
}

Query& Query::Bind(absl::string_view text) {
  bind_result_ |= sqlite3_bind_text(statement_, next_++, text.data(), static_cast<int>(text.size()),
                                    SQLITE_TRANSIENT);
  return *this;
}

absl::StatusOr<bool> Query::Step() {
  sqlite3* db = sqlite3_db_handle(statement_);
  if (bind_result_ != SQLITE_OK) return ErrorOf(db, bind_result_);
  const int result = sqlite3_step(statement_);
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  return ErrorOf(db, result);
}

absl::Status Query::Finish() {
  while (true) {
    GRAYLING_ASSIGN_OR_RETURN(const bool row, Step());
    if (!row) return absl::OkStatus();
  }
}

int64_t Query::Integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::string Query::Text(int column) const {
  const auto* text = sqlite3_column_text(statement_, column);
  if (text == nullptr) return "";
  return std::string(reinterpret_cast<const char*>(text), sqlite3_column_bytes(statement_, column));
}

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const std::string& path) {
  sqlite3* db = nullptr;
  const int result = sqlite3_open_v2(
      path.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  auto connection = std::unique_ptr<Connection>(new Connection(db));
  if (result != SQLITE_OK) {
    return absl::UnavailableError(
        absl::StrCat("cannot open the database ", path, ": ", sqlite3_errstr(result)));
  }
  GRAYLING_RETURN_IF_ERROR(
      connection->Execute("PRAGMA busy_timeout=5000; PRAGMA journal_mode=WAL;"
                          "PRAGMA synchronous=FULL; PRAGMA cache_size=-1024; PRAGMA mmap_size=0;"
                          "PRAGMA wal_autocheckpoint=256"));
  return connection;
}

Connection::~Connection() {
  for (auto& [sql, statement] : prepared_) sqlite3_finalize(statement);
  sqlite3_close(db_);
}

absl::StatusOr<Query> Connection::Prepare(const std::string& sql) {
  sqlite3_stmt*& statement = prepared_[sql];
  if (statement == nullptr) {
    const int result = sqlite3_prepare_v3(db_, sql.c_str(), static_cast<int>(sql.size()),
                                          SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (result != SQLITE_OK) return ErrorOf(db_, result);
  }
  return Query(statement);
}

absl::Status Connection::Execute(const std::string& sql) {
  const int result = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
  return result == SQLITE_OK ? absl::OkStatus() : ErrorOf(db_, result);
}

absl::StatusOr<int64_t> Connection::Integer(const std::string& sql) {
  GRAYLING_ASSIGN_OR_RETURN(Query query, Prepare(sql));
  GRAYLING_ASSIGN_OR_RETURN(const bool row, query.Step());
  if (!row) return absl::NotFoundError(absl::StrCat("no row for: ", sql));
  return query.Integer(0);
}

int64_t Connection::LastId() const { return sqlite3_last_insert_rowid(db_); }

absl::StatusOr<std::unique_ptr<ConnectionPool>> ConnectionPool::Open(const std::string& path,
                                                                     int count) {
  auto pool = std::make_unique<ConnectionPool>();
  for (int i = 0; i < count; ++i) {
    GRAYLING_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, Connection::Open(path));
    absl::MutexLock lock(&pool->mutex_);
    pool->idle_.push_back(std::move(connection));
  }
  return pool;
}

ConnectionPool::Lease ConnectionPool::Take() {
  absl::MutexLock lock(&mutex_);
  const auto one_is_free = [this]()
                               ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !idle_.empty(); };
  mutex_.Await(absl::Condition(&one_is_free));
  std::unique_ptr<Connection> connection = std::move(idle_.back());
  idle_.pop_back();
  return Lease(this, std::move(connection));
}

ConnectionPool::Lease::~Lease() {
  if (connection_ == nullptr) return;
  absl::MutexLock lock(&pool_->mutex_);
  pool_->idle_.push_back(std::move(connection_));
}

}  // namespace grayling::lab
