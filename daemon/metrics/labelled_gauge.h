#pragma once

#include <map>
#include <string>

#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/registry.h"

namespace grayling {

// A family of gauges together with its series by labels, so that series can be taken away again and
// their number is bounded. Not thread-safe.
class LabelledGauge {
 public:
  using Labels = std::map<std::string, std::string>;

  // The registry must outlive the gauge. At most `largest` series are shown; the others are left
  // out, and Set says so.
  LabelledGauge(prometheus::Registry& registry, const std::string& name, const std::string& help,
                size_t largest)
      : family_(prometheus::BuildGauge().Name(name).Help(help).Register(registry)),
        largest_(largest) {}

  // False when the series is new and there is no room for it.
  bool Set(const Labels& labels, double value);
  // Does nothing for a series that is not shown.
  void Remove(const Labels& labels);
  // Shows these and no others.
  void ReplaceAll(const std::map<Labels, double>& values);

 private:
  prometheus::Family<prometheus::Gauge>& family_;
  const size_t largest_;
  std::map<Labels, prometheus::Gauge*> series_;  // owned by the family
};

}  // namespace grayling
