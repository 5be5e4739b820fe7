#include "probe/exporter/exposition.h"

#include <charconv>
#include <cmath>

namespace grayling::probe {

void Exposition::Family(std::string_view name) {
  name_ = name;
  announced_ = false;
}

void Exposition::Sample(std::string_view labels, double value) {
  if (std::isnan(value)) return;
  if (!announced_) {
    const bool counter = name_.size() > 6 && name_.substr(name_.size() - 6) == "_total";
    out_.append("# TYPE ").append(name_).append(counter ? " counter\n" : " gauge\n");
    announced_ = true;
  }
  out_.append(name_);
  if (!labels.empty()) out_.append("{").append(labels).append("}");
  char number[32];
  const auto [end, error] = std::to_chars(number, number + sizeof number, value);
  static_cast<void>(error);  // 32 characters hold every double
  out_.append(" ").append(number, static_cast<std::size_t>(end - number)).append("\n");
}

std::string LabelText(std::string_view name, std::string_view value) {
  std::string out(name);
  out += "=\"";
  for (const char c : value) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace grayling::probe
