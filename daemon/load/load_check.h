#pragma once

#include "absl/status/statusor.h"
#include "daemon/load/load_behaviour.h"
#include "daemon/load/load_generator.h"

namespace grayling {

inline constexpr uint32_t kMostUsers = 2000;     // and requests in flight
inline constexpr double kHighestRate = 100'000;  // requests per second

// INVALID_ARGUMENT with a sentence for settings that no load can run by.
absl::Status CheckLoadSettings(const LoadSettings& settings);

// The settings' own mix, or the named one. INVALID_ARGUMENT for an unknown name or a wrong mix.
absl::StatusOr<LoadMix> MixOf(const LoadSettings& settings);

}  // namespace grayling
