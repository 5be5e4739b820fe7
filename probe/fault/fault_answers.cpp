#include "probe/fault/fault_answers.h"

#include <nlohmann/json.hpp>

#include "probe/fault/fault_revert.h"

namespace grayling::probe {
namespace {

using nlohmann::ordered_json;

constexpr char kNotAll[] = "not every fault could be taken back; see the entries with ok false";

std::string OneLine(const ordered_json& object) {
  return object.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

ordered_json RevertObject(const std::string& id, const Result<RevertReport>& report) {
  if (!report.ok()) {
    ordered_json object = {{"ok", false}, {"id", id}, {"error", report.error().sentence}};
    if (report.error().code == kUnknownFault) object["unknown"] = true;
    return object;
  }
  ordered_json object = {{"ok", report->residue.empty()},
                         {"id", id},
                         {"guest_time_ns", report->ended_ns},
                         {"residue", report->residue},
                         {"note", report->note}};
  if (!report->residue.empty()) object["error"] = report->residue;
  return object;
}

const char* NameOf(MarkState state) {
  switch (state) {
    case MarkState::kArmed:
      return "armed";
    case MarkState::kActive:
      return "active";
    case MarkState::kEnded:
      return "ended";
    case MarkState::kResidue:
      return "residue";
  }
  return "unknown";
}

}  // namespace

Answer AnswerError(const std::string& sentence) {
  return Answer{OneLine({{"ok", false}, {"error", sentence}}), 1};
}

Answer AnswerApply(const FaultSettings& settings, const FaultOrder& order) {
  Result<ApplyReport> report = ApplyFault(settings, order);
  if (!report.ok()) return AnswerError(report.error().sentence);
  return Answer{OneLine({{"ok", true},
                         {"id", order.id},
                         {"guest_time_ns", report->verified_ns},
                         {"readback", report->read_back.text},
                         {"values", report->read_back.values}})};
}

Answer AnswerRevert(const FaultSettings& settings, const std::string& id) {
  const ordered_json object = RevertObject(id, RevertFault(settings, id));
  return Answer{OneLine(object), object.at("ok").get<bool>() ? 0 : 1};
}

Answer AnswerRevertAll(const FaultSettings& settings) {
  Result<std::map<std::string, Result<RevertReport>>> reports = RevertAllFaults(settings);
  if (!reports.ok()) return AnswerError(reports.error().sentence);
  bool all = true;
  ordered_json reverted = ordered_json::array();
  for (const auto& [id, report] : *reports) {
    reverted.push_back(RevertObject(id, report));
    all = all && reverted.back().at("ok").get<bool>();
  }
  const StrayReport strays = settings.remove_strays ? settings.remove_strays() : StrayReport();
  all = all && strays.problems.empty();
  ordered_json object = {{"ok", all}, {"reverted", reverted}};
  if (!strays.removed.empty()) object["strays"] = strays.removed;
  if (!all) object["error"] = strays.problems.empty() ? kNotAll : strays.problems.front();
  return Answer{OneLine(object), all ? 0 : 1};
}

Answer AnswerList(const FaultSettings& settings) {
  Result<MarkList> list = MarkStore(settings.mark_folder).List();
  if (!list.ok()) return AnswerError(list.error().sentence);
  ordered_json marks = ordered_json::array();
  for (const Mark& mark : list->marks) {
    marks.push_back({{"id", mark.order.id},
                     {"kind", mark.order.kind},
                     {"active", mark.MayBeActive()},
                     {"ended_ns", mark.ended_ns},
                     {"state", NameOf(mark.state)},
                     {"note", mark.note}});
    if (!mark.order.domain.empty()) marks.back()["domain"] = mark.order.domain;
  }
  // At the end, so that who goes through the list meets those that can be taken back first.
  for (const DamagedMark& damaged : list->damaged) {
    marks.push_back({{"id", damaged.id},
                     {"kind", ""},
                     {"active", true},
                     {"ended_ns", 0},
                     {"state", "damaged"},
                     {"note", damaged.sentence}});
  }
  return Answer{OneLine({{"marks", marks}})};
}

}  // namespace grayling::probe
