#include "probe/fault/fault_keeper.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fault_kinds.h"
#include "probe/fault/fault_revert.h"
#include "probe/fault/keeper_process.h"

namespace grayling::probe {
namespace {

using nlohmann::json;

constexpr int kApplyPatienceMs = 60000;
constexpr std::int64_t kForgetAfterNs = 24LL * 3600 * 1'000'000'000;

Status WriteArmedMark(const MarkStore& store, const FaultOrder& order) {
  Result<UniqueFd> lock = store.Lock();
  if (!lock.ok()) return lock.error();
  store.PruneEnded(RealtimeNs() - kForgetAfterNs);
  Result<std::optional<Mark>> earlier = store.Read(order.id);
  if (!earlier.ok()) return earlier.error();
  if (*earlier) {
    return Error{"there is a fault " + order.id + " already" +
                 ((*earlier)->MayBeActive() ? "" : ", which has ended") + "; use another id"};
  }
  Mark mark;
  mark.order = order;
  return store.Write(mark);
}

Result<std::string> ReadReport(int fd) {
  std::string line;
  pollfd waiting{fd, POLLIN, 0};
  while (true) {
    const int ready = poll(&waiting, 1, kApplyPatienceMs);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return Error{"applying the fault took longer than a minute"};
    char chunk[1024];
    const ssize_t n = read(fd, chunk, sizeof chunk);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return line;
    line.append(chunk, static_cast<std::size_t>(n));
  }
}

Result<ApplyReport> ParseReport(const std::string& line) {
  const json object = json::parse(line, nullptr, false);
  if (!object.is_object()) return Error{"the fault's keeper died before it reported"};
  if (!object.value("ok", false)) return Error{object.value("error", "the keeper gave no reason")};
  ApplyReport report;
  report.verified_ns = object.value("verified_ns", std::int64_t{0});
  report.read_back.text = object.value("readback", "");
  report.read_back.values = object.value("values", std::map<std::string, double>());
  return report;
}

// Forks twice, so that the guard belongs to init and the caller has no child to collect later.
Status StartGuard(const FaultSettings& settings, const FaultOrder& order, UniqueFd report) {
  const pid_t first = fork();
  if (first < 0) return SystemError("cannot start the fault's keeper");
  if (first == 0) {
    const pid_t second = fork();
    if (second == 0) RunGuard(settings, order, std::move(report));
    _exit(second < 0 ? 1 : 0);
  }
  report.Reset();
  int status = 0;
  while (waitpid(first, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return Error{"cannot start the fault's keeper"};
  }
  return Done{};
}

}  // namespace

Result<ApplyReport> ApplyFault(const FaultSettings& settings, const FaultOrder& asked) {
  if (Status valid = Validate(asked); !valid.ok()) return valid.error();
  FaultOrder order = asked;
  FillDefaults(*FindFaultKindOrNull(order.kind), order.parameters, order.options);
  const MarkStore store(settings.mark_folder);
  if (Status ready = store.Prepare(); !ready.ok()) return ready.error();
  if (Status written = WriteArmedMark(store, order); !written.ok()) return written.error();
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    const Error problem = SystemError("cannot open a pipe");
    static_cast<void>(store.Remove(order.id));
    return problem;
  }
  const UniqueFd read_end(ends[0]);
  if (Status started = StartGuard(settings, order, UniqueFd(ends[1])); !started.ok()) {
    static_cast<void>(store.Remove(order.id));
    return started.error();
  }
  Result<std::string> line = ReadReport(read_end.get());
  Result<ApplyReport> report = line.ok() ? ParseReport(*line) : line.error();
  if (report.ok()) return report;
  // A keeper that refused has cleaned up and removed its mark; this settles all other ends.
  Result<RevertReport> undone = RevertFault(settings, order.id);
  if (undone.ok() && !undone->residue.empty()) {
    return Error{report.error().sentence + "; and it could not be taken back: " + undone->residue};
  }
  return report.error();
}

Result<RevertReport> RecordEnd(const MarkStore& store, Mark mark, const Status& undone,
                               std::int64_t undone_ns, const std::string& note) {
  if (mark.MayBeActive()) {
    mark.ended_ns = undone_ns;
    mark.state = undone.ok() ? MarkState::kEnded : MarkState::kResidue;
    mark.note = undone.ok() ? note : undone.error().sentence;
    if (Status written = store.Write(mark); !written.ok()) return written.error();
  }
  const bool residue = mark.state == MarkState::kResidue;
  return RevertReport{mark.ended_ns, residue ? mark.note : "", residue ? "" : mark.note};
}

Result<RevertReport> UndoFromMark(const FaultSettings& settings, const MarkStore& store, Mark mark,
                                  const std::string& note) {
  Status undone = Done{};
  if (mark.MayBeActive()) {
    Result<std::unique_ptr<Effect>> effect = settings.make_effect(mark.order);
    if (!effect.ok()) return effect.error();
    undone = (*effect)->Revert();
  }
  return RecordEnd(store, std::move(mark), undone, RealtimeNs(), note);
}

}  // namespace grayling::probe
