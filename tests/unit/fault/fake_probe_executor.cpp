#include "tests/unit/fault/fake_probe_executor.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "daemon/guest/services.h"

namespace grayling {
namespace {

using nlohmann::json;

std::string OptionOf(const std::vector<std::string>& argv, const std::string& name) {
  for (size_t i = 0; i + 1 < argv.size(); ++i) {
    if (argv[i] == name) return argv[i + 1];
  }
  return "";
}

json ContainerOf(const std::string& name, int pid) {
  return {{"name", name},
          {"id", absl::StrCat("c0ffee", pid)},
          {"image", "lab"},
          {"pid", pid},
          {"cgroup", absl::StrCat("/sys/fs/cgroup/system.slice/docker-", pid, ".scope")},
          {"veth", absl::StrCat("veth", pid)},
          {"bridge", "br-lab"},
          {"ip", "172.18.0.2"},
          {"health", "running"}};
}

ExecResult Refusal(const json& answer) { return {1, answer.dump() + "\n", ""}; }

}  // namespace

int64_t FakeProbeExecutor::GuestNanoseconds(absl::Time host) const {
  return absl::ToUnixNanos(host + guest_ahead_by_);
}

void FakeProbeExecutor::Misbehave(const Misbehaviour& misbehaviour) {
  absl::MutexLock lock(&mutex_);
  misbehaviour_ = misbehaviour;
}

void FakeProbeExecutor::Reboot() {
  absl::MutexLock lock(&mutex_);
  marks_.clear();
  ++boots_;
}

void FakeProbeExecutor::SetHealth(const std::string& service, const std::string& health) {
  absl::MutexLock lock(&mutex_);
  health_[service] = health;
}

ExecResult FakeProbeExecutor::Containers() {
  json containers = json::array();
  int pid = 101;
  for (const char* name : {"customers-service", "visits-service", "vets-service"}) {
    json container = ContainerOf(name, pid++);
    const auto set = health_.find(name);
    if (set != health_.end()) container["health"] = set->second;
    if (set == health_.end() || set->second != "gone") containers.push_back(container);
  }
  return {0, containers.dump(), ""};
}

void FakeProbeExecutor::PlantMark(const std::string& id) {
  absl::MutexLock lock(&mutex_);
  marks_[id] = {"cpu.load"};
}

void FakeProbeExecutor::MoveClock(absl::Duration by) {
  absl::MutexLock lock(&mutex_);
  guest_ahead_by_ += by;
}

void FakeProbeExecutor::OnApply(std::function<void(const std::vector<std::string>&)> callback) {
  absl::MutexLock lock(&mutex_);
  on_apply_ = std::move(callback);
}

void FakeProbeExecutor::RunTimers() {
  for (auto& [id, mark] : marks_) {
    if (mark.ended == absl::InfiniteFuture() && clock_.Now() >= mark.ends) mark.ended = mark.ends;
  }
}

std::vector<std::string> FakeProbeExecutor::LiveMarks() {
  absl::MutexLock lock(&mutex_);
  RunTimers();
  std::vector<std::string> live;
  for (const auto& [id, mark] : marks_) {
    if (mark.ended == absl::InfiniteFuture()) live.push_back(id);
  }
  return live;
}

std::vector<std::vector<std::string>> FakeProbeExecutor::Commands() {
  absl::MutexLock lock(&mutex_);
  return commands_;
}

absl::StatusOr<ExecResult> FakeProbeExecutor::Run(const std::vector<std::string>& argv,
                                                  absl::Duration) {
  absl::MutexLock lock(&mutex_);
  commands_.push_back(argv);
  RunTimers();
  if (misbehaviour_.is_unreachable) {
    return absl::UnavailableError("the guest agent of vms/lab does not answer");
  }
  if (argv[0] == "/usr/bin/cat") {
    return ExecResult{0, absl::StrCat("boot-", boots_, "\n"), ""};
  }
  if (argv[0] != kProbePath) return absl::NotFoundError(absl::StrCat("no program ", argv[0]));
  if (argv[1] == "containers") return Containers();
  // The offset is measured against the machine's clock, whatever the test's clock says.
  if (argv[1] == "clock")
    return ExecResult{0, absl::StrCat(GuestNanoseconds(absl::Now()), "\n"), ""};
  if (misbehaviour_.answers_nonsense) return ExecResult{0, "{\"ok\":true}", ""};
  if (argv[2] == "list") return List();
  if (argv[2] == "revert") return Revert(OptionOf(argv, "--id"));
  if (on_apply_) on_apply_(argv);
  if (misbehaviour_.loses_the_order_to_apply) return absl::DeadlineExceededError("it still runs");
  ExecResult result = Apply(argv);
  if (misbehaviour_.loses_the_answer_of_apply) return absl::DeadlineExceededError("it still runs");
  return result;
}

ExecResult FakeProbeExecutor::Apply(const std::vector<std::string>& argv) {
  const std::string id = OptionOf(argv, "--id");
  if (misbehaviour_.refuses_to_apply) {
    return Refusal({{"ok", false}, {"error", "veth102 carries a tbf qdisc that is not ours"}});
  }
  int64_t ttl_ms = 0;
  if (!absl::SimpleAtoi(OptionOf(argv, "--ttl-ms"), &ttl_ms) || ttl_ms <= 0) {
    return Refusal({{"ok", false}, {"error", "--ttl-ms must be above 0"}});
  }
  json values = json::object();
  for (size_t i = 0; i + 1 < argv.size(); ++i) {
    if (argv[i] != "--param") continue;
    const std::pair<std::string, std::string> parameter = absl::StrSplit(argv[i + 1], '=');
    values[parameter.first] = std::stod(parameter.second);
  }
  if (OptionOf(argv, "--kind") == "cpu.load") {
    values["percent_measured"] =
        values["percent"].get<double>() * (misbehaviour_.burns_too_little ? 0.1 : 0.95);
  }
  std::string readback = absl::StrCat(OptionOf(argv, "--kind"), " ", values.dump());
  if (misbehaviour_.applies_without_effect) {
    values = json::object();
    readback = "noqueue";
  }
  Mark mark;
  mark.kind = OptionOf(argv, "--kind");
  mark.ends = clock_.Now() + absl::Milliseconds(ttl_ms);
  marks_[id] = mark;
  const json answer = {{"ok", true},
                       {"id", id},
                       {"guest_time_ns", GuestNanoseconds(clock_.Now())},
                       {"readback", readback},
                       {"values", values}};
  return {0, answer.dump() + "\n", ""};
}

ExecResult FakeProbeExecutor::Revert(const std::string& id) {
  const auto found = marks_.find(id);
  if (found == marks_.end()) {
    return Refusal({{"ok", false}, {"error", "no fault " + id}, {"unknown", true}});
  }
  if (found->second.ended == absl::InfiniteFuture()) found->second.ended = clock_.Now();
  json answer = {{"ok", true},
                 {"id", id},
                 {"guest_time_ns", GuestNanoseconds(found->second.ended)},
                 {"residue", ""}};
  if (misbehaviour_.tells_ends_of_another_age) answer["guest_time_ns"] = 1;
  if (misbehaviour_.leaves_residue) {
    answer["ok"] = false;
    answer["error"] = answer["residue"] = "netem on veth102";
    return Refusal(answer);
  }
  return {0, answer.dump() + "\n", ""};
}

ExecResult FakeProbeExecutor::List() {
  json marks = json::array();
  for (const auto& [id, mark] : marks_) {
    const bool active = mark.ended == absl::InfiniteFuture();
    marks.push_back({{"id", id},
                     {"kind", mark.kind},
                     {"active", active},
                     {"ended_ns", active ? 0 : GuestNanoseconds(mark.ended)}});
  }
  return {0, json({{"marks", marks}}).dump() + "\n", ""};
}

}  // namespace grayling
