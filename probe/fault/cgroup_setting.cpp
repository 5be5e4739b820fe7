#include "probe/fault/cgroup_setting.h"

#include "probe/kernel/files.h"

namespace grayling::probe {
namespace {

bool IsGone(const Error& error) { return error.code == ENOENT || error.code == ENODEV; }

std::string WithoutNewline(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

}  // namespace

Result<std::string> CgroupSetting::Read() const {
  Result<std::string> content = ReadFile(path_);
  if (!content.ok() && IsGone(content.error())) {
    return Error{"there is no " + path_ +
                     ": the container has stopped, or the guest's kernel has no " +
                     name_.substr(0, name_.find('.')) + " controller there",
                 content.error().code};
  }
  return content;
}

Status CgroupSetting::Write(const std::string& content) const {
  Status written = WriteOnce(path_, content);
  if (written.ok()) return written;
  return Error{
      "the kernel did not take '" + WithoutNewline(content) + "': " + written.error().sentence,
      written.error().code};
}

Status CgroupSetting::Restore(const std::string& earlier) const {
  if (earlier.empty()) return Done{};
  if (Status written = Write(earlier); !written.ok()) {
    if (IsGone(written.error())) return Done{};
    return written;
  }
  Result<std::string> now = Read();
  if (!now.ok()) return IsGone(now.error()) ? Status(Done{}) : Status(now.error());
  if (*now == earlier) return Done{};
  return Error{path_ + " is '" + WithoutNewline(*now) + "' and not '" + WithoutNewline(earlier) +
               "' as before the fault"};
}

}  // namespace grayling::probe
