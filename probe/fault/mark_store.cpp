#include "probe/fault/mark_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "probe/kernel/files.h"

namespace grayling::probe {
namespace {

using nlohmann::json;

constexpr std::array<const char*, 4> kStateNames = {"armed", "active", "ended", "residue"};

json ToJson(const ProcessIdentity& process) {
  return {{"pid", process.pid}, {"start_ticks", process.start_ticks}};
}

ProcessIdentity IdentityFromJson(const json& object) {
  return ProcessIdentity{object.at("pid").get<pid_t>(),
                         object.at("start_ticks").get<std::uint64_t>()};
}

Result<Mark> ParseMark(const std::string& path, const std::string& text) {
  const Error damaged{"the mark " + path +
                      " is damaged; take its fault back by hand and remove the file"};
  const json object = json::parse(text, nullptr, false);
  if (!object.is_object() || !object.contains("order")) return damaged;
  Result<FaultOrder> order = FaultOrderFromJson(object.at("order"));
  if (!order.ok() || !Validate(*order).ok()) return damaged;
  Mark mark;
  mark.order = std::move(*order);
  try {
    const auto state =
        std::find(kStateNames.begin(), kStateNames.end(), object.at("state").get<std::string>());
    if (state == kStateNames.end()) return damaged;
    mark.state = static_cast<MarkState>(state - kStateNames.begin());
    mark.keeper = IdentityFromJson(object.at("keeper"));
    mark.guard = IdentityFromJson(object.at("guard"));
    object.at("ended_ns").get_to(mark.ended_ns);
    object.at("note").get_to(mark.note);
  } catch (const json::exception&) {
    return damaged;
  }
  return mark;
}

}  // namespace

Status MarkStore::Prepare() const {
  std::error_code problem;
  std::filesystem::create_directories(folder_, problem);
  if (problem) return Error{"cannot make the folder " + folder_ + ": " + problem.message()};
  return Done{};
}

Result<UniqueFd> MarkStore::Lock() const {
  UniqueFd fd(open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return SystemError("cannot open the folder " + folder_);
  while (flock(fd.get(), LOCK_EX) != 0) {
    if (errno != EINTR) return SystemError("cannot lock the folder " + folder_);
  }
  return fd;
}

Status MarkStore::Write(const Mark& mark) const {
  const json object = {{"order", probe::ToJson(mark.order)},
                       {"state", kStateNames.at(static_cast<std::size_t>(mark.state))},
                       {"keeper", ToJson(mark.keeper)},
                       {"guard", ToJson(mark.guard)},
                       {"ended_ns", mark.ended_ns},
                       {"note", mark.note}};
  return ReplaceFileDurably(PathOf(mark.order.id),
                            object.dump(-1, ' ', false, json::error_handler_t::replace));
}

Result<std::optional<Mark>> MarkStore::Read(const std::string& id) const {
  const std::string path = PathOf(id);
  Result<std::string> text = ReadFile(path);
  if (!text.ok()) {
    if (text.error().code == ENOENT) return std::optional<Mark>();
    return text.error();
  }
  Result<Mark> mark = ParseMark(path, *text);
  if (!mark.ok()) return mark.error();
  return std::optional<Mark>(std::move(*mark));
}

Result<MarkList> MarkStore::List() const {
  MarkList list;
  std::error_code problem;
  std::filesystem::directory_iterator entries(folder_, problem);
  if (problem == std::errc::no_such_file_or_directory) return list;
  if (problem) return Error{"cannot read the folder " + folder_ + ": " + problem.message()};
  for (const std::filesystem::directory_entry& entry : entries) {
    if (entry.path().extension() != ".json") continue;
    const std::string id = entry.path().stem().string();
    Result<std::optional<Mark>> mark = Read(id);
    if (!mark.ok()) {
      list.damaged.push_back({id, mark.error().sentence});
    } else if (*mark) {
      list.marks.push_back(std::move(**mark));
    }
  }
  std::sort(list.marks.begin(), list.marks.end(),
            [](const Mark& a, const Mark& b) { return a.order.id < b.order.id; });
  std::sort(list.damaged.begin(), list.damaged.end(),
            [](const DamagedMark& a, const DamagedMark& b) { return a.id < b.id; });
  return list;
}

Status MarkStore::Remove(const std::string& id) const {
  if (unlink(PathOf(id).c_str()) != 0 && errno != ENOENT) {
    return SystemError("cannot remove the mark of " + id);
  }
  return Done{};
}

void MarkStore::PruneEnded(std::int64_t before_ns) const {
  Result<MarkList> list = List();
  if (!list.ok()) return;
  for (const Mark& mark : list->marks) {
    // A mark that cannot be removed stays listed as ended: untidy, not wrong.
    if (!mark.MayBeActive() && mark.ended_ns < before_ns) static_cast<void>(Remove(mark.order.id));
  }
}

}  // namespace grayling::probe
