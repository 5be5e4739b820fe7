#include "client/cli/output/cells.h"
#include "client/cli/output/tables.h"

namespace grayling {
namespace {

Table PinTable() {
  Table table;
  table.columns = {"NAME", "START", "END", "CAMPAIGN", "NOTE"};
  return table;
}

void AddRow(const v1::Pin& pin, Table& table) {
  table.rows.push_back({pin.name(), Cell(pin.start_time()),
                        pin.has_end_time() ? Cell(pin.end_time()) : "open", pin.campaign(),
                        pin.note()});
}

}  // namespace

Table TableOf(const v1::Pin& pin) {
  Table table = PinTable();
  AddRow(pin, table);
  return table;
}

Table TableOf(const v1::ListPinsResponse& list) {
  Table table = PinTable();
  for (const v1::Pin& pin : list.pins()) AddRow(pin, table);
  return table;
}

}  // namespace grayling
