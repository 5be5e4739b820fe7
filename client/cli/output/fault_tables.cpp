#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "client/cli/output/cells.h"
#include "client/cli/output/tables.h"

namespace grayling {
namespace {

std::string StateName(v1::FaultState state) {
  const std::string name = v1::FaultState_Name(state);
  return absl::AsciiStrToLower(absl::StripPrefix(name, "FAULT_STATE_"));
}

Table FaultTable() {
  Table table;
  table.columns = {"NAME",     "KIND",     "VM",       "SERVICE", "STATE",
                   "DURATION", "VERIFIED", "REVERTED", "REASON"};
  return table;
}

void AddRow(const v1::Fault& fault, Table& table) {
  const v1::FaultSpec& spec = fault.spec();
  table.rows.push_back({fault.name(), spec.kind(), spec.vm(), spec.service(),
                        StateName(fault.state()), Cell(spec.duration()),
                        Cell(fault.verified_time()), Cell(fault.reverted_time()), fault.reason()});
}

}  // namespace

Table TableOf(const v1::Fault& fault) {
  Table table = FaultTable();
  AddRow(fault, table);
  return table;
}

Table TableOf(const v1::ListFaultsResponse& list) {
  Table table = FaultTable();
  for (const v1::Fault& fault : list.faults()) AddRow(fault, table);
  return table;
}

Table TableOf(const v1::ListFaultKindsResponse& list) {
  Table table;
  table.columns = {"KIND", "PARAMETER", "UNIT", "MINIMUM", "MAXIMUM", "DEFAULT", "DESCRIPTION"};
  for (const v1::FaultKind& kind : list.kinds()) {
    if (kind.parameters().empty()) {
      table.rows.push_back({kind.kind(), "", "", "", "", "", kind.description()});
    }
    for (const v1::FaultParameter& parameter : kind.parameters()) {
      table.rows.push_back({kind.kind(), parameter.name(), parameter.unit(),
                            Cell(parameter.minimum()), Cell(parameter.maximum()),
                            Cell(parameter.default_value()), parameter.description()});
    }
    for (const v1::FaultOption& option : kind.options()) {
      const std::string choices =
          option.choices().empty() ? "text" : absl::StrJoin(option.choices(), "|");
      table.rows.push_back({kind.kind(), option.name(), choices, "", "", option.default_value(),
                            option.description()});
    }
  }
  return table;
}

Table TableOf(const v1::RevertAllFaultsResponse& response) {
  Table table = FaultTable();
  for (const v1::Fault& fault : response.faults()) AddRow(fault, table);
  for (const std::string& mark : response.unknown_marks()) {
    table.summary.push_back(absl::StrCat("reverted, though unknown to the journal: ", mark));
  }
  return table;
}

}  // namespace grayling
