#pragma once

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace grayling {

// Keeps the first complaint about a YAML text; later ones are dropped, so that a reader can go on
// without asking after each value.
class YamlComplaint {
 public:
  // `document` names the text for people.
  explicit YamlComplaint(std::string document = "plan") : document_(std::move(document)) {}
  // "plan line 3, column 5: <sentence>"; INVALID_ARGUMENT.
  void Add(const YAML::Mark& where, absl::string_view sentence);
  const absl::Status& status() const { return status_; }

 private:
  const std::string document_;
  absl::Status status_;
};

// One mapping whose keys are all known beforehand. Unknown and repeated keys, missing keys and
// values of a wrong type or range become a complaint; the value returned is then of no meaning.
class StrictMapping {
 public:
  // `what` names the mapping for people: "the plan", "'phases'".
  StrictMapping(const YAML::Node& node, std::string what, std::vector<std::string> allowed,
                YamlComplaint& complaint);

  bool Has(const std::string& key) const { return entries_.count(key) > 0; }
  // Where the key's value stands, or the mapping itself when there is none.
  YAML::Mark Where(const std::string& key) const;
  YAML::Mark Where() const { return mark_; }

  // The value's node; complains when it is missing.
  YAML::Node Child(const std::string& key);
  std::string Text(const std::string& key);
  std::string TextOr(const std::string& key, const std::string& absent);
  double Number(const std::string& key, double minimum, double maximum);
  double NumberOr(const std::string& key, double minimum, double maximum, double absent);
  int64_t IntegerOr(const std::string& key, int64_t minimum, int64_t maximum, int64_t absent);
  bool BooleanOr(const std::string& key, bool absent);
  // One of `choices`; complains naming them.
  std::string ChoiceOr(const std::string& key, const std::vector<std::string>& choices,
                       const std::string& absent);
  // A sequence of at least one element; complains and gives none when it is something else.
  std::vector<YAML::Node> Elements(const std::string& key);
  // A sequence of texts, not empty.
  std::vector<std::string> TextsWithRepetition(const std::string& key);
  // A sequence of texts without repetition, not empty.
  std::vector<std::string> Texts(const std::string& key);
  // One number, or a sequence of them.
  std::vector<double> Numbers(const std::string& key);

 private:
  double NumberOf(const YAML::Node& node, const std::string& key, double minimum, double maximum);

  const std::string what_;
  const std::vector<std::string> allowed_;
  YamlComplaint& complaint_;
  YAML::Mark mark_;
  std::map<std::string, YAML::Node> entries_;
};

}  // namespace grayling
