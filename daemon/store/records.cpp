#include "daemon/store/records.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "daemon/store/stored_time.h"

namespace grayling {
namespace {

Record ReadRecord(const Statement& row) {
  Record record;
  record.name = row.Text(0);
  record.body = row.Text(1);
  record.created = ReadTime(row, 2);
  return record;
}

absl::Status NoSuchRecord(const std::string& collection, const std::string& name) {
  return absl::NotFoundError(absl::StrCat("there is no '", name, "' in ", collection, "; list the ",
                                          collection, " to see their names"));
}

}  // namespace

absl::Status RecordStore::Put(const std::string& name, absl::string_view body, absl::Time now) {
  return database_.Run([&](sqlite3* db) {
    Statement statement(db,
                        "INSERT INTO records (collection, name, body, created_ns) VALUES (?,?,?,?) "
                        "ON CONFLICT (collection, name) DO UPDATE SET body = excluded.body");
    statement.Bind(collection_).Bind(name).BindBlob(body).Bind(absl::ToUnixNanos(now));
    return statement.Execute();
  });
}

absl::StatusOr<Record> RecordStore::Get(const std::string& name) {
  std::optional<Record> found;
  GRAYLING_RETURN_IF_ERROR(database_.Run([&](sqlite3* db) {
    Statement statement(
        db, "SELECT name, body, created_ns FROM records WHERE collection = ? AND name = ?");
    statement.Bind(collection_).Bind(name);
    return statement.Execute([&](const Statement& row) { found = ReadRecord(row); });
  }));
  if (!found.has_value()) return NoSuchRecord(collection_, name);
  return *std::move(found);
}

absl::StatusOr<std::vector<Record>> RecordStore::List() {
  std::vector<Record> records;
  GRAYLING_RETURN_IF_ERROR(database_.Run([&](sqlite3* db) {
    Statement statement(
        db, "SELECT name, body, created_ns FROM records WHERE collection = ? ORDER BY sequence");
    statement.Bind(collection_);
    return statement.Execute([&](const Statement& row) { records.push_back(ReadRecord(row)); });
  }));
  return records;
}

absl::Status RecordStore::Delete(const std::string& name) {
  bool deleted = false;
  GRAYLING_RETURN_IF_ERROR(database_.Run([&](sqlite3* db) {
    Statement statement(db,
                        "DELETE FROM records WHERE collection = ? AND name = ? RETURNING sequence");
    statement.Bind(collection_).Bind(name);
    return statement.Execute([&](const Statement&) { deleted = true; });
  }));
  return deleted ? absl::OkStatus() : NoSuchRecord(collection_, name);
}

absl::StatusOr<int64_t> RecordStore::NextNumber() {
  int64_t number = 0;
  GRAYLING_RETURN_IF_ERROR(database_.Run([&](sqlite3* db) {
    Statement statement(db,
                        "INSERT INTO numbers (collection, last) VALUES (?, 1) ON CONFLICT "
                        "(collection) DO UPDATE SET last = last + 1 RETURNING last");
    statement.Bind(collection_);
    return statement.Execute([&](const Statement& row) { number = row.Integer(0); });
  }));
  return number;
}

absl::Status EventLog::Append(const Event& event) {
  return database_.Run([&](sqlite3* db) {
    Statement statement(
        db, "INSERT INTO events (time_ns, subject, text, guest_time_ns) VALUES (?,?,?,?)");
    statement.Bind(absl::ToUnixNanos(event.time)).Bind(event.subject).Bind(event.text);
    BindTime(statement, event.guest_time);
    return statement.Execute();
  });
}

absl::StatusOr<std::vector<Event>> EventLog::Between(absl::Time from, absl::Time to) {
  std::vector<Event> events;
  GRAYLING_RETURN_IF_ERROR(database_.Run([&](sqlite3* db) {
    Statement statement(
        db,
        "SELECT time_ns, subject, text, guest_time_ns FROM events WHERE time_ns >= ? "
        "AND time_ns < ? ORDER BY time_ns, sequence");
    statement.Bind(absl::ToUnixNanos(from)).Bind(absl::ToUnixNanos(to));
    return statement.Execute([&](const Statement& row) {
      events.push_back({ReadTime(row, 0), row.Text(1), row.Text(2), ReadTime(row, 3)});
    });
  }));
  return events;
}

}  // namespace grayling
