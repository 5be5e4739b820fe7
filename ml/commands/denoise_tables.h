#pragma once

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "ml/adjuster/noise_adjuster.h"
#include "ml/core/denoise.h"
#include "ml/core/denoise_classic.h"
#include "ml/core/run_stability.h"

namespace grayling {

// What `grayling-ml denoise` prints, as text that ends with a newline. With `json` one JSON
// document instead; with `explain` a line per series. Pure.
struct DenoiseView {
  bool explain = false;
  bool json = false;
};

// `baseline` says in words which rows were fitted on.
std::string FormatRobust(absl::Span<const SeriesReport> reports, const std::string& baseline,
                         const DenoiseView& view);
std::string FormatClassic(absl::Span<const ClassicReport> reports, const DenoiseView& view);
std::string FormatStability(absl::Span<const RunStability> results, double threshold,
                            const DenoiseView& view);
std::string FormatAdjustment(const NoiseAdjustment& adjustment, const std::string& kpi,
                             absl::Span<const std::string> hosts, const DenoiseView& view);

}  // namespace grayling
