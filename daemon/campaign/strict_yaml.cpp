#include "daemon/campaign/strict_yaml.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace grayling {
namespace {

// "a, b or c"
std::string OneOf(const std::vector<std::string>& choices) {
  if (choices.size() < 2) return absl::StrJoin(choices, "");
  const std::vector<std::string> but_last(choices.begin(), choices.end() - 1);
  return absl::StrCat(absl::StrJoin(but_last, ", "), " or ", choices.back());
}

}  // namespace

void YamlComplaint::Add(const YAML::Mark& where, absl::string_view sentence) {
  if (!status_.ok()) return;
  status_ = absl::InvalidArgumentError(
      where.is_null() ? absl::StrCat(document_, ": ", sentence)
                      : absl::StrCat(document_, " line ", where.line + 1, ", column ",
                                     where.column + 1, ": ", sentence));
}

StrictMapping::StrictMapping(const YAML::Node& node, std::string what,
                             std::vector<std::string> allowed, YamlComplaint& complaint)
    : what_(std::move(what)),
      allowed_(std::move(allowed)),
      complaint_(complaint),
      mark_(node.IsDefined() ? node.Mark() : YAML::Mark::null_mark()) {
  const std::string keys = absl::StrJoin(allowed_, ", ");
  if (!node.IsDefined() || !node.IsMap()) {
    complaint_.Add(mark_, absl::StrCat(what_, " must be a mapping with the keys ", keys));
    return;
  }
  for (const auto& entry : node) {
    const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "(not a text)";
    if (std::find(allowed_.begin(), allowed_.end(), key) == allowed_.end()) {
      complaint_.Add(entry.first.Mark(), absl::StrCat("unknown key '", key, "' in ", what_,
                                                      "; allowed keys are ", keys));
    } else if (!entries_.emplace(key, entry.second).second) {
      complaint_.Add(entry.first.Mark(),
                     absl::StrCat("key '", key, "' stands twice in ", what_, "; remove one"));
    }
  }
}

YAML::Mark StrictMapping::Where(const std::string& key) const {
  const auto found = entries_.find(key);
  return found == entries_.end() ? mark_ : found->second.Mark();
}

YAML::Node StrictMapping::Child(const std::string& key) {
  const auto found = entries_.find(key);
  if (found != entries_.end()) return found->second;
  complaint_.Add(mark_, absl::StrCat(what_, " lacks the key '", key, "'; its keys are ",
                                     absl::StrJoin(allowed_, ", ")));
  return YAML::Node();
}

std::string StrictMapping::Text(const std::string& key) {
  const YAML::Node node = Child(key);
  if (node.IsScalar() && !node.Scalar().empty()) return node.Scalar();
  complaint_.Add(node.Mark(), absl::StrCat("'", key, "' in ", what_, " must be a text"));
  return "";
}

std::string StrictMapping::TextOr(const std::string& key, const std::string& absent) {
  return Has(key) ? Text(key) : absent;
}

double StrictMapping::NumberOf(const YAML::Node& node, const std::string& key, double minimum,
                               double maximum) {
  double value = 0;
  if (!node.IsScalar() || !absl::SimpleAtod(node.Scalar(), &value)) {
    complaint_.Add(node.Mark(), absl::StrCat("'", key, "' in ", what_, " must be a number"));
    return minimum;
  }
  // Written so that NaN is refused too.
  if (!(value >= minimum && value <= maximum)) {
    complaint_.Add(node.Mark(), absl::StrCat("'", key, "' in ", what_, " is ", node.Scalar(),
                                             "; it must lie between ", minimum, " and ", maximum));
    return minimum;
  }
  return value;
}

double StrictMapping::Number(const std::string& key, double minimum, double maximum) {
  return NumberOf(Child(key), key, minimum, maximum);
}

double StrictMapping::NumberOr(const std::string& key, double minimum, double maximum,
                               double absent) {
  return Has(key) ? Number(key, minimum, maximum) : absent;
}

int64_t StrictMapping::IntegerOr(const std::string& key, int64_t minimum, int64_t maximum,
                                 int64_t absent) {
  if (!Has(key)) return absent;
  const YAML::Node node = Child(key);
  int64_t value = 0;
  if (node.IsScalar() && absl::SimpleAtoi(node.Scalar(), &value) && value >= minimum &&
      value <= maximum) {
    return value;
  }
  complaint_.Add(node.Mark(),
                 absl::StrCat("'", key, "' in ", what_, " must be a whole number from ", minimum,
                              " to ", maximum));
  return absent;
}

bool StrictMapping::BooleanOr(const std::string& key, bool absent) {
  if (!Has(key)) return absent;
  const YAML::Node node = Child(key);
  if (node.IsScalar() && node.Scalar() == "true") return true;
  if (node.IsScalar() && node.Scalar() == "false") return false;
  complaint_.Add(node.Mark(), absl::StrCat("'", key, "' in ", what_, " must be true or false"));
  return absent;
}

std::string StrictMapping::ChoiceOr(const std::string& key, const std::vector<std::string>& choices,
                                    const std::string& absent) {
  if (!Has(key)) return absent;
  std::string word = Text(key);
  if (std::find(choices.begin(), choices.end(), word) != choices.end()) return word;
  complaint_.Add(Where(key), absl::StrCat("'", key, "' in ", what_, " is '", word, "'; it must be ",
                                          OneOf(choices)));
  return absent;
}

std::vector<YAML::Node> StrictMapping::Elements(const std::string& key) {
  const YAML::Node node = Child(key);
  if (node.IsSequence() && node.size() > 0) return {node.begin(), node.end()};
  complaint_.Add(node.Mark(),
                 absl::StrCat("'", key, "' in ", what_, " must be a list of at least one element"));
  return {};
}

std::vector<std::string> StrictMapping::TextsWithRepetition(const std::string& key) {
  const YAML::Node node = Child(key);
  std::vector<std::string> texts;
  if (!node.IsSequence() || node.size() == 0) {
    complaint_.Add(node.Mark(), absl::StrCat("'", key, "' in ", what_,
                                             " must be a list of at least one text, like [a, b]"));
    return texts;
  }
  for (const YAML::Node& element : node) {
    if (!element.IsScalar() || element.Scalar().empty()) {
      complaint_.Add(element.Mark(),
                     absl::StrCat("'", key, "' in ", what_, " must hold texts only"));
      continue;
    }
    texts.push_back(element.Scalar());
  }
  return texts;
}

std::vector<std::string> StrictMapping::Texts(const std::string& key) {
  std::vector<std::string> texts = TextsWithRepetition(key);
  for (size_t i = 0; i < texts.size(); ++i) {
    if (std::find(texts.begin(), texts.begin() + i, texts[i]) == texts.begin() + i) continue;
    complaint_.Add(Child(key)[i].Mark(), absl::StrCat("'", texts[i], "' stands twice in '", key,
                                                      "' of ", what_, "; remove one"));
  }
  return texts;
}

std::vector<double> StrictMapping::Numbers(const std::string& key) {
  constexpr double kAny = std::numeric_limits<double>::max();
  const YAML::Node node = Child(key);
  if (!node.IsSequence()) return {NumberOf(node, key, -kAny, kAny)};
  std::vector<double> numbers;
  for (const YAML::Node& element : node) numbers.push_back(NumberOf(element, key, -kAny, kAny));
  return numbers;
}

}  // namespace grayling
