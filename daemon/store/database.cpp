#include "daemon/store/database.h"

#include <sqlite3.h>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "daemon/store/migrations.h"

namespace grayling {
namespace {

constexpr int kBusyTimeoutMs = 250;

absl::string_view FileOf(sqlite3* db) {
  const char* name = db == nullptr ? nullptr : sqlite3_db_filename(db, "main");
  return name == nullptr || *name == '\0' ? "the database" : name;
}

absl::Status RunScript(sqlite3* db, const char* sql, absl::string_view doing) {
  const int code = sqlite3_exec(db, sql, nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : SqliteStatus(code, db, doing);
}

}  // namespace

absl::Status SqliteStatus(int code, sqlite3* db, absl::string_view doing) {
  const char* detail = db == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(db);
  const std::string sentence =
      absl::StrCat("cannot ", doing, " in ", FileOf(db), ": ", detail == nullptr ? "" : detail);
  switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
      return absl::OkStatus();
    case SQLITE_FULL:
      return absl::ResourceExhaustedError(absl::StrCat(
          sentence, "; free space on that disk, the daemon goes on by itself afterwards"));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return absl::UnavailableError(
          absl::StrCat(sentence, "; another process uses the file, close it and try again"));
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return absl::FailedPreconditionError(
          absl::StrCat(sentence, "; check that the folder exists and is writable"));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::DataLossError(
          absl::StrCat(sentence, "; restore the file from a copy or move it away"));
    default:
      return absl::InternalError(sentence);
  }
}

absl::StatusOr<sqlite3*> OpenConnection(const std::string& path) {
  sqlite3* db = nullptr;
  const int code = sqlite3_open_v2(
      path.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  absl::Status status;
  if (code != SQLITE_OK) {
    status = SqliteStatus(code, db, absl::StrCat("open ", path));
  } else {
    sqlite3_extended_result_codes(db, 1);
    sqlite3_busy_timeout(db, kBusyTimeoutMs);
    status =
        RunScript(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
                  "prepare the connection");
  }
  if (status.ok()) return db;
  sqlite3_close(db);
  return status;
}

Statement::Statement(sqlite3* db, absl::string_view sql) : db_(db) {
  Note(sqlite3_prepare_v2(db, sql.data(), static_cast<int>(sql.size()), &statement_, nullptr));
}

Statement::~Statement() { sqlite3_finalize(statement_); }

void Statement::Note(int code) {
  if (status_.ok() && code != SQLITE_OK) status_ = SqliteStatus(code, db_, "prepare a statement");
}

Statement& Statement::Bind(absl::string_view text) {
  // An empty view may point nowhere, and SQLite would store NULL for that.
  const char* bytes = text.empty() ? "" : text.data();
  Note(sqlite3_bind_text64(statement_, next_++, bytes, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
  return *this;
}

Statement& Statement::Bind(int64_t value) {
  Note(sqlite3_bind_int64(statement_, next_++, value));
  return *this;
}

Statement& Statement::Bind(double value) {
  Note(sqlite3_bind_double(statement_, next_++, value));
  return *this;
}

Statement& Statement::BindNull() {
  Note(sqlite3_bind_null(statement_, next_++));
  return *this;
}

Statement& Statement::BindBlob(absl::string_view bytes) {
  const char* data = bytes.empty() ? "" : bytes.data();
  Note(sqlite3_bind_blob64(statement_, next_++, data, bytes.size(), SQLITE_TRANSIENT));
  return *this;
}

absl::Status Statement::Execute(const std::function<void(const Statement&)>& row) {
  if (!status_.ok()) return status_;
  int code = sqlite3_step(statement_);
  while (code == SQLITE_ROW) {
    if (row) row(*this);
    code = sqlite3_step(statement_);
  }
  absl::Status status = SqliteStatus(code, db_, "run a statement");
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  next_ = 1;
  return status;
}

std::string Statement::Text(int column) const {
  const void* bytes = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  if (bytes == nullptr) return "";
  return std::string(static_cast<const char*>(bytes), static_cast<size_t>(size));
}

int64_t Statement::Integer(int column) const { return sqlite3_column_int64(statement_, column); }

bool Statement::IsNull(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

double Statement::Real(int column) const { return sqlite3_column_double(statement_, column); }

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const std::string& path) {
  GRAYLING_ASSIGN_OR_RETURN(FileLock lock, FileLock::Acquire(absl::StrCat(path, ".lock")));
  GRAYLING_ASSIGN_OR_RETURN(sqlite3* const db, OpenConnection(path));
  std::unique_ptr<Database> database(new Database(std::move(lock), db));
  GRAYLING_RETURN_IF_ERROR(
      database->Run([](sqlite3* open) { return Migrate(open, Migrations()); }));
  return database;
}

Database::~Database() {
  absl::MutexLock lock(&mutex_);
  sqlite3_close(db_);
}

absl::Status Database::Transaction(const std::function<absl::Status(sqlite3*)>& body) {
  absl::MutexLock lock(&mutex_);
  GRAYLING_RETURN_IF_ERROR(RunScript(db_, "BEGIN IMMEDIATE", "begin a transaction"));
  absl::Status status = body(db_);
  if (status.ok()) status = RunScript(db_, "COMMIT", "commit");
  // SQLite may have rolled back on its own (disk full): then there is nothing left to undo.
  if (!status.ok() && sqlite3_get_autocommit(db_) == 0) {
    sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
  }
  return status;
}

absl::Status Database::Run(const std::function<absl::Status(sqlite3*)>& body) {
  absl::MutexLock lock(&mutex_);
  return body(db_);
}

}  // namespace grayling
