#pragma once

#include <array>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace grayling {

// How well rankings name the true service (GrayScope, FSE Companion 2024; Nezha, ESEC/FSE 2023).
class LocalisationAccuracy {
 public:
  // `rank` from 1; 0: the true service is not in the ranking, which is a miss at every k.
  void Add(size_t rank);

  int events() const { return events_; }
  // AC@k, k in 1..5: share of events whose true service is among the first k. NaN without events.
  double At(int k) const;
  // Avg@5: mean of AC@1 to AC@5.
  double Average() const;

 private:
  int events_ = 0;
  std::array<int, 5> within_{};
};

// The place of `service` in `ranking`, from 1; 0 when it is not there.
size_t RankOf(absl::string_view service, absl::Span<const std::string> ranking);

}  // namespace grayling
