#include "daemon/metrics/exposition_parser.h"

#include <array>
#include <cstdlib>
#include <cstring>

#include "daemon/metrics/exposition_number.h"

namespace grayling {
namespace {

constexpr int64_t kLostValueSpanMs = 3'600'000;
constexpr double kFirstPlausibleStampMs = 1e11;  // 1973; smaller numbers are no stamps

constexpr std::array<bool, 256> MakeNameTable(bool colon) {
  std::array<bool, 256> table{};
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<size_t>(c)] = true;
  for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<size_t>(c)] = true;
  for (int c = '0'; c <= '9'; ++c) table[static_cast<size_t>(c)] = true;
  table['_'] = true;
  table[':'] = colon;
  return table;
}
constexpr auto kNameByte = MakeNameTable(true);
constexpr auto kLabelByte = MakeNameTable(false);

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

absl::string_view View(const char* from, const char* to) {
  return absl::string_view(from, static_cast<size_t>(to - from));
}

const char* SkipBlanks(const char* at, const char* end) {
  while (at != end && IsBlank(*at)) ++at;
  return at;
}

template <const std::array<bool, 256>& kTable>
const char* SkipName(const char* at, const char* end) {
  if (at != end && *at >= '0' && *at <= '9') return at;
  while (at != end && kTable[static_cast<unsigned char>(*at)]) ++at;
  return at;
}

// The byte after the quote that closes the string whose first byte is `at`; nullptr without one.
const char* SkipQuoted(const char* at, const char* end) {
  while (at != end && *at != '"') {
    if (*at == '\\' && ++at == end) return nullptr;
    ++at;
  }
  return at == end ? nullptr : at + 1;
}

// The byte of the closing '}' of a label block that keeps the rules, else nullptr. `at` is behind
// the '{', or behind the quoted name.
const char* StrictBlockEnd(const char* at, const char* end) {
  while (true) {
    at = SkipBlanks(at, end);
    if (at == end) return nullptr;
    if (*at == '}') return at;
    const char* name = at;
    at = *at == '"' ? SkipQuoted(at + 1, end) : SkipName<kLabelByte>(at, end);
    if (at == nullptr || at == name) return nullptr;
    at = SkipBlanks(at, end);
    if (at == end || *at != '=') return nullptr;
    at = SkipBlanks(at + 1, end);
    if (at == end || *at != '"') return nullptr;
    at = SkipQuoted(at + 1, end);
    if (at == nullptr) return nullptr;
    at = SkipBlanks(at, end);
    if (at == end) return nullptr;
    if (*at == '}') return at;
    if (*at != ',') return nullptr;
    ++at;
  }
}

// Where quotes were not escaped: the last '}' of the line, if what lies before it still looks like
// labels.
const char* LooseBlockEnd(const char* from, const char* end) {
  const auto* close = static_cast<const char*>(memrchr(from, '}', static_cast<size_t>(end - from)));
  if (close == nullptr || close - from < 4 || close[-1] != '"') return nullptr;
  const char* name_end = SkipName<kLabelByte>(from, close);
  if (name_end == from || close - name_end < 3 || name_end[0] != '=' || name_end[1] != '"') {
    return nullptr;
  }
  return close;
}

bool HasPoint(absl::string_view number) { return number.find('.') != absl::string_view::npos; }

class LineParser {
 public:
  explicit LineParser(ExpositionFormat format) : format_(format) {}

  // nullptr, or why the line [at, end), which is no comment and not blank, is malformed.
  const char* Parse(const char* at, const char* end, ExpositionSample& sample) {
    const char* name_end = SkipName<kNameByte>(at, end);
    sample.labels = absl::string_view();
    sample.expected = false;
    sample.strict = true;
    const char* const open = SkipBlanks(name_end, end);
    if (open != end && *open == '{') return ParseBlock(at, name_end, open, end, sample);
    if (name_end == at) return "a metric name must begin with a letter, '_' or ':'";
    sample.series = sample.name = View(at, name_end);
    if (name_end == end) return "the value is missing";
    if (!IsBlank(*name_end)) return "the metric name holds a byte that no name may have";
    return ParseTail(name_end, end, sample);
  }

  // Like Parse, where [at, series_end) is known to be a whole series.
  const char* ParseExpected(const char* at, const char* series_end, const char* end,
                            ExpositionSample& sample) {
    sample.series = View(at, series_end);
    sample.expected = true;
    return ParseTail(series_end, end, sample);
  }

 private:
  const char* ParseBlock(const char* at, const char* name_end, const char* open, const char* end,
                         ExpositionSample& sample) {
    const char* first_label = open + 1;
    sample.name = View(at, name_end);
    if (open == at) {  // {"a.quoted name",label="x"}
      const char* quote = SkipBlanks(first_label, end);
      const char* after = quote == end || *quote != '"' ? nullptr : SkipQuoted(quote + 1, end);
      if (after == nullptr || after - quote < 3) return "the metric name is missing";
      sample.name = View(quote + 1, after - 1);
      first_label = SkipBlanks(after, end);
      if (first_label != end && *first_label == ',') ++first_label;
    }
    const char* close = StrictBlockEnd(first_label, end);
    if (close != nullptr && ParseWithBlock(at, first_label, close, end, sample) == nullptr) {
      return nullptr;
    }
    const char* loose = LooseBlockEnd(first_label, end);
    if (loose == nullptr || loose == close) {
      return close == nullptr ? "the label block is not closed or not name=\"value\" pairs"
                              : ParseWithBlock(at, first_label, close, end, sample);
    }
    sample.strict = false;
    return ParseWithBlock(at, first_label, loose, end, sample);
  }

  const char* ParseWithBlock(const char* at, const char* first_label, const char* close,
                             const char* end, ExpositionSample& sample) {
    sample.labels = View(first_label, close);
    sample.series = View(at, close + 1);
    return ParseTail(close + 1, end, sample);
  }

  const char* ParseTail(const char* at, const char* end, ExpositionSample& sample) {
    at = SkipBlanks(at, end);
    if (at == end) return "the value is missing";
    const char* value_at = at;
    at = ReadValue(at, end, sample.value);
    if (at == nullptr) return "the value is no number";
    const char* const value_end = at;
    at = SkipBlanks(at, end);
    sample.timestamp_ms.reset();
    if (at == end || *at == '#') {
      const bool lost = LooksLikeAStamp(sample.value) && !HasPoint(View(value_at, value_end));
      return lost ? "the value is missing before the timestamp" : nullptr;
    }
    int64_t time_ms = 0;
    at = format_ == ExpositionFormat::kOpenMetrics ? ReadSeconds(at, end, time_ms)
                                                   : ReadMilliseconds(at, end, time_ms);
    if (at == nullptr) return "the timestamp is no number of the format's unit";
    at = SkipBlanks(at, end);
    if (at != end && *at != '#') return "there is text after the timestamp";
    sample.timestamp_ms = time_ms;
    last_stamp_ms_ = static_cast<double>(time_ms);
    return nullptr;
  }

  bool LooksLikeAStamp(double value) const {
    return value > kFirstPlausibleStampMs && std::abs(value - last_stamp_ms_) < kLostValueSpanMs;
  }

  const ExpositionFormat format_;
  double last_stamp_ms_ = 0;
};

}  // namespace

ExpositionSummary ParseExposition(absl::string_view page, ExpositionFormat format,
                                  absl::FunctionRef<void(const ExpositionSample&)> on_sample,
                                  absl::FunctionRef<void(const ExpositionError&)> on_error,
                                  const ExpectedSeries* expected) {
  ExpositionSummary summary;
  ExpositionSample sample;
  LineParser parser(format);
  const char* at = page.data();
  const char* const page_end = page.data() + page.size();
  while (at != page_end) {
    ++sample.line;
    const size_t guess = expected == nullptr ? 0 : expected->text.size();
    const bool guessed = guess > 0 && static_cast<size_t>(page_end - at) > guess &&
                         IsBlank(at[guess]) && memcmp(at, expected->text.data(), guess) == 0;
    const char* const rest = guessed ? at + guess : at;
    const auto* newline =
        static_cast<const char*>(memchr(rest, '\n', static_cast<size_t>(page_end - rest)));
    const char* end = newline == nullptr ? page_end : newline;
    const char* next = newline == nullptr ? page_end : newline + 1;
    if (end != rest && end[-1] == '\r') --end;
    if (guessed && parser.ParseExpected(at, rest, end, sample) == nullptr) {
      ++summary.samples;
      on_sample(sample);
      at = next;
      continue;
    }
    const char* begin = SkipBlanks(at, end);
    at = next;
    if (begin == end) continue;
    if (*begin == '#') {
      if (format == ExpositionFormat::kOpenMetrics && View(begin, end) == "# EOF") {
        summary.saw_eof = true;
        break;
      }
      continue;
    }
    const char* reason = parser.Parse(begin, end, sample);
    if (reason == nullptr) {
      ++summary.samples;
      on_sample(sample);
    } else {
      ++summary.malformed;
      on_error({sample.line, View(begin, end), reason});
    }
  }
  return summary;
}

}  // namespace grayling
