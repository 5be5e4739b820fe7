#include "daemon/metrics/exported_series.h"

#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "daemon/metrics/sample_store.h"
#include "daemon/metrics/series_text.h"

namespace grayling {
namespace {

using nlohmann::json;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

absl::Status Unreadable(absl::string_view line) {
  return absl::DataLossError(
      absl::StrCat("VictoriaMetrics exported a line that cannot be read: ", line.substr(0, 200)));
}

// The end of the object that begins at the front; npos without one.
size_t EndOfObject(absl::string_view text) {
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && text[i] == '}') {
      return i + 1;
    }
  }
  return absl::string_view::npos;
}

bool TakeValue(absl::string_view item, double& value) {
  if (absl::ConsumePrefix(&item, "\"") && !absl::ConsumeSuffix(&item, "\"")) return false;
  if (item == "null" || item == "NaN") {
    value = StaleMarker();
  } else if (item == "+Inf" || item == "Inf" || item == "Infinity") {
    value = kInfinity;
  } else if (item == "-Inf" || item == "-Infinity") {
    value = -kInfinity;
  } else {
    return absl::SimpleAtod(item, &value);
  }
  return true;
}

// Reads `key` and the comma-separated items up to ']' from the front of `text`.
template <typename T, typename Take>
bool TakeArray(absl::string_view key, absl::string_view& text, Take take, std::vector<T>& items) {
  if (!absl::ConsumePrefix(&text, key)) return false;
  const size_t close = text.find(']');
  if (close == absl::string_view::npos) return false;
  absl::string_view rest = text.substr(0, close);
  text.remove_prefix(close + 1);
  while (!rest.empty()) {
    const size_t comma = rest.find(',');
    T item = T();
    if (!take(rest.substr(0, comma), item)) return false;
    items.push_back(item);
    rest.remove_prefix(comma == absl::string_view::npos ? rest.size() : comma + 1);
  }
  return true;
}

}  // namespace

absl::Status ReadExportedSeries(absl::string_view line, ExportedSeries& series) {
  series.times_ms.clear();
  series.values.clear();
  absl::string_view rest = line;
  const size_t begin = absl::ConsumePrefix(&rest, "{\"metric\":") ? 0 : absl::string_view::npos;
  const size_t end = begin == 0 ? EndOfObject(rest) : begin;
  if (end == absl::string_view::npos) return Unreadable(line);
  const json metric =
      json::parse(rest.begin(), rest.begin() + end, nullptr, /*allow_exceptions=*/false);
  rest.remove_prefix(end);
  if (!metric.is_object()) return Unreadable(line);
  std::string name;
  std::map<std::string, std::string> labels;
  for (const auto& [label, value] : metric.items()) {
    if (!value.is_string()) return Unreadable(line);
    (label == "__name__" ? name : labels[label]) = value.get<std::string>();
  }
  series.text = SeriesText(name, labels);
  const bool read =
      TakeArray<double>(",\"values\":[", rest, TakeValue, series.values) &&
      TakeArray<int64_t>(
          ",\"timestamps\":[", rest,
          [](absl::string_view item, int64_t& time) { return absl::SimpleAtoi(item, &time); },
          series.times_ms) &&
      series.times_ms.size() == series.values.size();
  return read ? absl::OkStatus() : Unreadable(line);
}

}  // namespace grayling
