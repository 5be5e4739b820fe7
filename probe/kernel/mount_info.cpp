#include "probe/kernel/mount_info.h"

#include <charconv>
#include <cstdlib>

#include "probe/kernel/files.h"

namespace grayling::probe {
namespace {

std::string_view NextWord(std::string_view& line) {
  const std::size_t end = line.find(' ');
  const std::string_view word = line.substr(0, end);
  line = end == std::string_view::npos ? std::string_view() : line.substr(end + 1);
  return word;
}

// The kernel writes blanks in paths as \040.
std::string Unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    unsigned code = 0;
    if (text[at] == '\\' && at + 3 < text.size() &&
        std::from_chars(text.data() + at + 1, text.data() + at + 4, code, 8).ec == std::errc()) {
      plain += static_cast<char>(code);
      at += 3;
    } else {
      plain += text[at];
    }
  }
  return plain;
}

}  // namespace

std::string Mount::Option(const std::string& name) const {
  std::string_view rest = options;
  while (!rest.empty()) {
    const std::size_t comma = rest.find(',');
    const std::string_view word = rest.substr(0, comma);
    if (word.size() > name.size() && word.substr(0, name.size()) == name &&
        word[name.size()] == '=') {
      return std::string(word.substr(name.size() + 1));
    }
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  }
  return "";
}

std::vector<Mount> ParseMountInfo(std::string_view text) {
  std::vector<Mount> mounts;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    Mount mount;
    mount.id = std::atoi(std::string(NextWord(line)).c_str());
    NextWord(line);  // the parent
    mount.device = std::string(NextWord(line));
    mount.root = Unescaped(NextWord(line));
    mount.point = Unescaped(NextWord(line));
    const std::size_t dash = line.find(" - ");  // optional fields end there
    if (mount.point.empty() || dash == std::string_view::npos) continue;
    line = line.substr(dash + 3);
    mount.type = std::string(NextWord(line));
    NextWord(line);  // the source
    mount.options = Unescaped(NextWord(line));
    mounts.push_back(std::move(mount));
  }
  return mounts;
}

Result<std::vector<Mount>> MountsOf(int pid) {
  Result<std::string> text = ReadFile("/proc/" + std::to_string(pid) + "/mountinfo");
  if (!text.ok()) return text.error();
  return ParseMountInfo(*text);
}

const Mount* RootMountOrNull(const std::vector<Mount>& mounts) {
  const Mount* root = nullptr;
  for (const Mount& mount : mounts) {
    if (mount.point == "/") root = &mount;
  }
  return root;
}

}  // namespace grayling::probe
