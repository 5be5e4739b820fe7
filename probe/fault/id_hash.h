#pragma once

#include <cstdint>
#include <string_view>

namespace grayling::probe {

// FNV-1a, 32 bits: a short stable number for a fault's id, where the kernel takes no text.
constexpr std::uint32_t IdHash(std::string_view id) {
  std::uint32_t hash = 2166136261U;
  for (const char c : id) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return hash;
}

}  // namespace grayling::probe
