#include "probe/fault/blade_line.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace grayling::probe {
namespace {

constexpr std::size_t kUidLength = 16;

bool IsFlag(const std::string& word) { return word.size() > 1 && word.front() == '-'; }

bool IsUid(const std::string& text) {
  return text.size() == kUidLength &&
         text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

void AddFlag(const std::vector<std::string>& argv, std::size_t& i, BladeLine& line) {
  const std::string name = argv[i].substr(argv[i].find_first_not_of('-'));
  const std::size_t equals = name.find('=');
  if (equals != std::string::npos) {
    line.flags[name.substr(0, equals)] = name.substr(equals + 1);
  } else if (i + 1 < argv.size() && !IsFlag(argv[i + 1])) {
    line.flags[name] = argv[++i];
  } else {
    line.flags[name] = "true";
  }
}

}  // namespace

std::string BladeLine::Flag(const std::string& name) const {
  const auto found = flags.find(name);
  return found == flags.end() ? "" : found->second;
}

double BladeLine::Number(const std::string& name, double other) const {
  const std::string text = Flag(name);
  double value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && stop == text.data() + text.size();
  return whole && !text.empty() && std::isfinite(value) ? value : other;
}

Result<BladeLine> ParseBladeLine(const std::vector<std::string>& argv) {
  if (argv.size() < 3 || argv[1] != "create") {
    return Error{"--arguments must be a whole line, [\"blade\", \"create\", TARGET, ...]"};
  }
  BladeLine line;
  line.argv = argv;
  std::vector<std::string> words;
  for (std::size_t i = 2; i < argv.size(); ++i) {
    if (IsFlag(argv[i]) && argv[i].find_first_not_of('-') != std::string::npos) {
      AddFlag(argv, i, line);
    } else {
      words.push_back(argv[i]);
    }
  }
  if (!words.empty() && words.front() == "k8s") {
    return Error{"the scope k8s is not supported: a service is a container of this guest"};
  }
  if (!words.empty() && (words.front() == "cri" || words.front() == "docker")) {
    line.scope = words.front();
    words.erase(words.begin());
  }
  if (words.empty()) return Error{"the blade line names no target: network, cpu, mem, ..."};
  line.target = words[0];
  if (words.size() > 1) line.action = words[1];
  line.uid = line.Flag("uid");
  if (!IsUid(line.uid)) {
    return Error{"the blade line needs --uid with 16 hexadecimal digits, so that it can be undone"};
  }
  if (line.Number("timeout", 0) < 1) {
    return Error{"the blade line needs --timeout SECONDS: a fault always ends by itself"};
  }
  return line;
}

}  // namespace grayling::probe
