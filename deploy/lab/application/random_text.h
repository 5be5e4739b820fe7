#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace grayling::lab {

// SplitMix64 (Steele, Lea, Flood 2014): one well-mixed 64-bit number per `index`. Pure.
uint64_t Mix(uint64_t index);

// Readable English-looking text of exactly `length` bytes, the same for the same `seed`.
std::string RandomText(uint64_t seed, size_t length);

// A first name, a family name, a street, a town: the same for the same `seed`.
std::string RandomFirstName(uint64_t seed);
std::string RandomLastName(uint64_t seed);
std::string RandomAddress(uint64_t seed);
std::string RandomCity(uint64_t seed);

// YYYY-MM-DD between 2004 and 2023.
std::string RandomDate(uint64_t seed);

}  // namespace grayling::lab
