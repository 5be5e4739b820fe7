#include "daemon/metrics/series_selector.h"

#include <re2/re2.h>

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "daemon/metrics/label_block.h"
#include "daemon/metrics/series_text.h"

namespace grayling {
namespace {

using Kind = LabelMatcher::Kind;

constexpr absl::string_view kName = "__name__";

absl::string_view Operator(Kind kind) {
  switch (kind) {
    case Kind::kEqual:
      return "=";
    case Kind::kNotEqual:
      return "!=";
    case Kind::kMatches:
      return "=~";
    case Kind::kNotMatches:
      return "!~";
  }
  return "=";
}

class SelectorParser {
 public:
  explicit SelectorParser(absl::string_view text) : text_(text) {}

  absl::StatusOr<std::vector<LabelMatcher>> Parse() {
    const std::string name = TakeName(/*colon=*/true);
    if (!name.empty()) matchers_.push_back({std::string(kName), Kind::kEqual, name});
    if (Take('{')) GRAYLING_RETURN_IF_ERROR(TakeBlock());
    SkipBlanks();
    if (at_ != text_.size()) return Wrong("expected name{label=\"value\",...}");
    return std::move(matchers_);
  }

 private:
  absl::Status TakeBlock() {
    while (!Take('}')) {
      GRAYLING_RETURN_IF_ERROR(TakeMatcher());
      if (Take(',')) continue;
      if (!Take('}')) return Wrong("expected ',' or '}'");
      return absl::OkStatus();
    }
    return absl::OkStatus();
  }

  absl::Status TakeMatcher() {
    LabelMatcher matcher;
    SkipBlanks();
    if (Peek() == '"') {
      GRAYLING_ASSIGN_OR_RETURN(matcher.label, TakeQuoted());
    } else {
      matcher.label = TakeName(/*colon=*/false);
    }
    if (matcher.label.empty()) return Wrong("expected a label's name");
    SkipBlanks();
    if (matchers_.empty() && (Peek() == ',' || Peek() == '}')) {  // {"the.name",a="x"}
      matchers_.push_back({std::string(kName), Kind::kEqual, std::move(matcher.label)});
      return absl::OkStatus();
    }
    GRAYLING_ASSIGN_OR_RETURN(matcher.kind, TakeOperator());
    SkipBlanks();
    GRAYLING_ASSIGN_OR_RETURN(matcher.value, TakeQuoted());
    matchers_.push_back(std::move(matcher));
    return absl::OkStatus();
  }

  absl::StatusOr<Kind> TakeOperator() {
    for (const Kind kind : {Kind::kMatches, Kind::kNotEqual, Kind::kNotMatches, Kind::kEqual}) {
      if (text_.substr(at_, Operator(kind).size()) != Operator(kind)) continue;
      at_ += Operator(kind).size();
      return kind;
    }
    return Wrong("expected one of = != =~ !~");
  }

  absl::StatusOr<std::string> TakeQuoted() {
    const size_t close = ClosingQuoteOf(text_, at_);
    if (close == absl::string_view::npos) return Wrong("expected a value in double quotes");
    const absl::string_view raw = text_.substr(at_ + 1, close - at_ - 1);
    at_ = close + 1;
    return Unescaped(raw);
  }

  std::string TakeName(bool colon) {
    SkipBlanks();
    const size_t begin = at_;
    while (at_ < text_.size() &&
           (absl::ascii_isalpha(Peek()) || Peek() == '_' || (colon && Peek() == ':') ||
            (at_ > begin && absl::ascii_isdigit(Peek())))) {
      ++at_;
    }
    return std::string(text_.substr(begin, at_ - begin));
  }

  bool Take(char c) {
    SkipBlanks();
    if (Peek() != c || at_ == text_.size()) return false;
    ++at_;
    return true;
  }

  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void SkipBlanks() {
    while (at_ < text_.size() && absl::ascii_isspace(text_[at_])) ++at_;
  }
  absl::Status Wrong(absl::string_view what) const {
    return absl::InvalidArgumentError(
        absl::StrCat("the selector '", text_, "' is wrong at column ", at_ + 1, ": ", what));
  }

  const absl::string_view text_;
  size_t at_ = 0;
  std::vector<LabelMatcher> matchers_;
};

absl::string_view ValueOf(const SeriesParts& parts, absl::string_view label) {
  if (label == kName) return parts.name;
  for (const Label& candidate : parts.labels) {
    if (candidate.name == label) return candidate.value;
  }
  return "";
}

}  // namespace

absl::StatusOr<SeriesSelector> SeriesSelector::Parse(absl::string_view text) {
  GRAYLING_ASSIGN_OR_RETURN(std::vector<LabelMatcher> matchers, SelectorParser(text).Parse());
  return Of(std::move(matchers));
}

absl::StatusOr<SeriesSelector> SeriesSelector::Of(std::vector<LabelMatcher> matchers) {
  SeriesSelector selector;
  for (const LabelMatcher& matcher : matchers) {
    std::shared_ptr<const re2::RE2> expression;
    if (matcher.kind == Kind::kMatches || matcher.kind == Kind::kNotMatches) {
      expression = std::make_shared<re2::RE2>(matcher.value, re2::RE2::Quiet);
      if (!expression->ok()) {
        return absl::InvalidArgumentError(absl::StrCat("the expression '", matcher.value,
                                                       "' for the label ", matcher.label,
                                                       " is wrong: ", expression->error()));
      }
    }
    selector.expressions_.push_back(std::move(expression));
  }
  selector.matchers_ = std::move(matchers);
  return selector;
}

bool SeriesSelector::Takes(absl::string_view series) const {
  if (matchers_.empty()) return true;
  const absl::StatusOr<SeriesParts> parts = PartsOf(series);
  if (!parts.ok()) return false;
  for (size_t i = 0; i < matchers_.size(); ++i) {
    const absl::string_view value = ValueOf(*parts, matchers_[i].label);
    const bool negative =
        matchers_[i].kind == Kind::kNotEqual || matchers_[i].kind == Kind::kNotMatches;
    const bool equal =
        expressions_[i] == nullptr
            ? value == matchers_[i].value
            : re2::RE2::FullMatch(re2::StringPiece(value.data(), value.size()), *expressions_[i]);
    if (equal == negative) return false;
  }
  return true;
}

std::string SeriesSelector::Text() const {
  std::string text = "{";
  for (const LabelMatcher& matcher : matchers_) {
    if (text.size() > 1) text.push_back(',');
    AppendLabelName(matcher.label, text);
    absl::StrAppend(&text, Operator(matcher.kind), "\"");
    AppendEscaped(matcher.value, text);
    text.push_back('"');
  }
  text.push_back('}');
  return text;
}

}  // namespace grayling
