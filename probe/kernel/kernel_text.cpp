#include "probe/kernel/kernel_text.h"

#include <charconv>

namespace grayling::probe {
namespace {

std::string_view NextLine(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

std::string_view NextWord(std::string_view& line) {
  const std::size_t begin = line.find_first_not_of(" \t");
  if (begin == std::string_view::npos) {
    line = {};
    return {};
  }
  line.remove_prefix(begin);
  const std::size_t end = line.find_first_of(" \t");
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end == std::string_view::npos ? line.size() : end);
  return word;
}

std::optional<std::uint64_t> Number(std::string_view word) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end == word.data()) return std::nullopt;
  return value;
}

std::uint64_t NumberOrZero(std::string_view word) { return Number(word).value_or(0); }

}  // namespace

std::optional<std::uint64_t> FlatKeyed(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    std::string_view line = NextLine(text);
    if (line.substr(0, key.size()) == key && line.size() > key.size() && line[key.size()] == ' ') {
      return Number(line.substr(key.size() + 1));
    }
  }
  return std::nullopt;
}

std::optional<std::uint64_t> PressureTotalUs(std::string_view text, std::string_view which) {
  constexpr std::string_view kTotal = "total=";
  while (!text.empty()) {
    std::string_view line = NextLine(text);
    if (NextWord(line) != which) continue;
    const std::size_t at = line.find(kTotal);
    if (at == std::string_view::npos) return std::nullopt;
    return Number(line.substr(at + kTotal.size()));
  }
  return std::nullopt;
}

IoTotals IoStat(std::string_view text) {
  IoTotals totals;
  while (!text.empty()) {
    std::string_view line = NextLine(text);
    NextWord(line);  // major:minor
    while (!line.empty()) {
      const std::string_view word = NextWord(line);
      if (word.substr(0, 7) == "rbytes=") totals.read_bytes += NumberOrZero(word.substr(7));
      if (word.substr(0, 7) == "wbytes=") totals.write_bytes += NumberOrZero(word.substr(7));
      if (word.substr(0, 5) == "rios=") totals.reads += NumberOrZero(word.substr(5));
    }
  }
  return totals;
}

std::optional<std::uint64_t> RunDelayNs(std::string_view schedstat) {
  NextWord(schedstat);
  return Number(NextWord(schedstat));
}

std::optional<std::uint64_t> SnmpValue(std::string_view text, std::string_view protocol,
                                       std::string_view name) {
  while (!text.empty()) {
    std::string_view names = NextLine(text);
    std::string_view numbers = NextLine(text);
    const std::string_view head = NextWord(names);
    if (head.empty() || head.substr(0, head.size() - 1) != protocol) continue;
    NextWord(numbers);
    while (!names.empty()) {
      const std::string_view word = NextWord(names);
      const std::string_view number = NextWord(numbers);
      if (word == name) return Number(number);
    }
    return std::nullopt;
  }
  return std::nullopt;
}

std::optional<InterfaceTotals> NetDev(std::string_view text, std::string_view interface) {
  while (!text.empty()) {
    std::string_view line = NextLine(text);
    const std::size_t begin = line.find_first_not_of(' ');
    if (begin == std::string_view::npos) continue;
    line.remove_prefix(begin);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || line.substr(0, colon) != interface) continue;
    line.remove_prefix(colon + 1);
    InterfaceTotals totals;
    totals.receive_bytes = NumberOrZero(NextWord(line));
    totals.receive_packets = NumberOrZero(NextWord(line));
    for (int skipped = 0; skipped < 6; ++skipped) NextWord(line);
    totals.transmit_bytes = NumberOrZero(NextWord(line));
    totals.transmit_packets = NumberOrZero(NextWord(line));
    return totals;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> SocketsInUse(std::string_view text, std::string_view protocol) {
  while (!text.empty()) {
    std::string_view line = NextLine(text);
    const std::string_view head = NextWord(line);
    if (head.size() != protocol.size() + 1 || head.substr(0, protocol.size()) != protocol) continue;
    if (NextWord(line) != "inuse") return std::nullopt;
    return Number(NextWord(line));
  }
  return std::nullopt;
}

std::optional<std::string> UnifiedCgroup(std::string_view text) {
  while (!text.empty()) {
    const std::string_view line = NextLine(text);
    if (line.substr(0, 3) == "0::") return std::string(line.substr(3));
  }
  return std::nullopt;
}

std::optional<std::uint64_t> StartTicks(std::string_view stat) {
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string_view::npos) return std::nullopt;
  std::string_view rest = stat.substr(name_end + 1);
  const std::string_view state = NextWord(rest);
  if (state == "Z" || state == "X") return std::nullopt;
  for (int field = 4; field < 22; ++field) NextWord(rest);
  return Number(NextWord(rest));
}

std::optional<std::uint64_t> RunnableTasks(std::string_view loadavg) {
  for (int average = 0; average < 3; ++average) NextWord(loadavg);
  return Number(NextWord(loadavg));
}

void ForEachNumber(std::string_view text, const std::function<void(std::uint64_t)>& visit) {
  while (!text.empty()) {
    if (const std::optional<std::uint64_t> number = Number(NextLine(text))) visit(*number);
  }
}

}  // namespace grayling::probe
