#pragma once

#include <string>
#include <string_view>

namespace grayling::probe {

// Appends Prometheus text to a buffer that is reused from scrape to scrape.
class Exposition {
 public:
  explicit Exposition(std::string& out) : out_(out) { out_.clear(); }

  // Starts a family; a name ending in _total is a counter, any other a gauge.
  void Family(std::string_view name);
  // A sample of the family. `labels` is ready text without braces, or empty. NaN means "not known
  // now" and leaves the sample out.
  void Sample(std::string_view labels, double value);

 private:
  std::string& out_;
  std::string_view name_;
  bool announced_ = false;
};

// name="value" with the value escaped.
std::string LabelText(std::string_view name, std::string_view value);

}  // namespace grayling::probe
