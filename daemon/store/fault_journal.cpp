#include "daemon/store/fault_journal.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "daemon/store/stored_time.h"
#include "nlohmann/json.hpp"

namespace grayling {
namespace {

constexpr absl::string_view kColumns =
    "name, kind, vm, service, parameters, duration_ns, state, undo, reason, campaign, created_ns, "
    "verified_ns, reverted_ns, details";

std::string ParametersToText(const std::map<std::string, double>& parameters) {
  return nlohmann::json(parameters).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::map<std::string, double> ParametersFromText(const std::string& text) {
  std::map<std::string, double> parameters;
  const nlohmann::json object = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  for (const auto& [key, value] : object.items()) {
    if (value.is_number()) parameters[key] = value.get<double>();
  }
  return parameters;
}

// What came with later versions: a document, so that a new setting needs no new column.
std::string DetailsToText(const FaultRecord& record) {
  const nlohmann::json details = {{"options", record.options},
                                  {"shape", record.shape},
                                  {"backend", record.backend},
                                  {"arguments", record.arguments}};
  return details.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void DetailsFromText(const std::string& text, FaultRecord& record) {
  const nlohmann::json details = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!details.is_object()) return;
  try {
    record.options = details.value("options", record.options);
    record.shape = details.value("shape", record.shape);
    record.backend = details.value("backend", record.backend);
    record.arguments = details.value("arguments", record.arguments);
  } catch (const nlohmann::json::exception&) {
    // Of another version: what could be read stays.
  }
}

FaultRecord ReadRecord(const Statement& row) {
  FaultRecord record;
  record.name = row.Text(0);
  record.kind = row.Text(1);
  record.vm = row.Text(2);
  record.service = row.Text(3);
  record.parameters = ParametersFromText(row.Text(4));
  record.duration = absl::Nanoseconds(row.Integer(5));
  record.state = static_cast<FaultState>(row.Integer(6));
  record.undo = row.Text(7);
  record.reason = row.Text(8);
  record.campaign = row.Text(9);
  record.created = ReadTime(row, 10);
  record.verified = ReadTime(row, 11);
  record.reverted = ReadTime(row, 12);
  DetailsFromText(row.Text(13), record);
  return record;
}

}  // namespace

absl::string_view FaultStateName(FaultState state) {
  switch (state) {
    case FaultState::kPlanned:
      return "PLANNED";
    case FaultState::kArmed:
      return "ARMED";
    case FaultState::kApplied:
      return "APPLIED";
    case FaultState::kVerified:
      return "VERIFIED";
    case FaultState::kReverting:
      return "REVERTING";
    case FaultState::kReverted:
      return "REVERTED";
    case FaultState::kFailed:
      return "FAILED";
    case FaultState::kResidue:
      return "RESIDUE";
  }
  return "UNKNOWN";
}

absl::Status FaultJournal::Put(const FaultRecord& record) {
  return database_.Run([&](sqlite3* db) {
    Statement statement(
        db, absl::StrCat("INSERT INTO faults (", kColumns,
                         ") VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (name) DO UPDATE SET "
                         "kind=excluded.kind, vm=excluded.vm, service=excluded.service, "
                         "parameters=excluded.parameters, duration_ns=excluded.duration_ns, "
                         "state=excluded.state, undo=excluded.undo, reason=excluded.reason, "
                         "campaign=excluded.campaign, created_ns=excluded.created_ns, "
                         "verified_ns=excluded.verified_ns, reverted_ns=excluded.reverted_ns, "
                         "details=excluded.details"));
    statement.Bind(record.name).Bind(record.kind).Bind(record.vm).Bind(record.service);
    statement.Bind(ParametersToText(record.parameters));
    statement.Bind(absl::ToInt64Nanoseconds(record.duration));
    statement.Bind(static_cast<int64_t>(record.state));
    statement.Bind(record.undo).Bind(record.reason).Bind(record.campaign);
    BindTime(statement, record.created);
    BindTime(statement, record.verified);
    BindTime(statement, record.reverted);
    statement.Bind(DetailsToText(record));
    return statement.Execute();
  });
}

absl::StatusOr<FaultRecord> FaultJournal::Get(const std::string& name) {
  std::optional<FaultRecord> found;
  GRAYLING_RETURN_IF_ERROR(database_.Run([&](sqlite3* db) {
    Statement statement(db, absl::StrCat("SELECT ", kColumns, " FROM faults WHERE name = ?"));
    statement.Bind(name);
    return statement.Execute([&](const Statement& row) { found = ReadRecord(row); });
  }));
  if (found.has_value()) return *std::move(found);
  return absl::NotFoundError(
      absl::StrCat("there is no fault named '", name, "'; list the faults to see their names"));
}

absl::StatusOr<std::vector<FaultRecord>> FaultJournal::List(bool active_only) {
  std::vector<FaultRecord> records;
  GRAYLING_RETURN_IF_ERROR(database_.Run([&](sqlite3* db) {
    Statement statement(db, absl::StrCat("SELECT ", kColumns, " FROM faults",
                                         active_only ? " WHERE state NOT IN (?, ?)" : "",
                                         " ORDER BY sequence DESC"));
    if (active_only) {
      statement.Bind(static_cast<int64_t>(FaultState::kReverted));
      statement.Bind(static_cast<int64_t>(FaultState::kFailed));
    }
    return statement.Execute([&](const Statement& row) { records.push_back(ReadRecord(row)); });
  }));
  return records;
}

}  // namespace grayling
