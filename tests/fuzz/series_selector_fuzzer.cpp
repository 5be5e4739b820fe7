// Selectors of any bytes. One that is read must be the same after it was written and read again.

#include <cstdlib>
#include <string>

#include "daemon/metrics/series_selector.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const auto selector = grayling::SeriesSelector::Parse(text);
  if (!selector.ok()) return 0;
  selector->Takes("up{job=\"a\",zone=\"z\"}");
  selector->Takes("{\"the.name\",a=\"x\"}");
  const auto again = grayling::SeriesSelector::Parse(selector->Text());
  if (!again.ok() || again->matchers().size() != selector->matchers().size()) std::abort();
  for (size_t i = 0; i < again->matchers().size(); ++i) {
    const grayling::LabelMatcher& a = selector->matchers()[i];
    const grayling::LabelMatcher& b = again->matchers()[i];
    if (a.label != b.label || a.kind != b.kind || a.value != b.value) std::abort();
  }
  return 0;
}
