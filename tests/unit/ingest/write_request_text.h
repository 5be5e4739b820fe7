#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace grayling {

// A prometheus.WriteRequest by hand, the slow obvious way.
struct WrittenSeries {
  std::vector<std::pair<std::string, std::string>> labels;
  std::vector<std::pair<double, int64_t>> samples;
};

inline void AppendVarint(uint64_t value, std::string& out) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

inline std::string BytesField(int field, const std::string& bytes) {
  std::string out;
  AppendVarint(static_cast<uint64_t>(field) << 3 | 2, out);
  AppendVarint(bytes.size(), out);
  return out + bytes;
}

inline std::string SampleMessage(double value, int64_t time_ms) {
  std::string out = "\x09";
  const auto bits = std::bit_cast<uint64_t>(value);
  for (int i = 0; i < 8; ++i) out.push_back(static_cast<char>(bits >> (8 * i)));
  out.push_back('\x10');
  AppendVarint(static_cast<uint64_t>(time_ms), out);
  return out;
}

inline std::string LabelFields(const WrittenSeries& series) {
  std::string out;
  for (const auto& [name, value] : series.labels) {
    out += BytesField(1, BytesField(1, name) + BytesField(2, value));
  }
  return out;
}

inline std::string WriteRequestText(const std::vector<WrittenSeries>& list) {
  std::string out;
  for (const WrittenSeries& series : list) {
    std::string body = LabelFields(series);
    for (const auto& [value, time_ms] : series.samples) {
      body += BytesField(2, SampleMessage(value, time_ms));
    }
    out += BytesField(1, body);
  }
  return out;
}

}  // namespace grayling
