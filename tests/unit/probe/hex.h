#pragma once

#include <cstdio>
#include <string>

#include "probe/kernel/netlink_message.h"

namespace grayling::probe {

// "0a000100 6e657465": bytes in groups of four, as netlink aligns them.
inline std::string Hex(Bytes bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    char pair[4];
    std::snprintf(pair, sizeof pair, "%02x", static_cast<unsigned char>(bytes[i]));
    if (i > 0 && i % 4 == 0) out.push_back(' ');
    out.append(pair);
  }
  return out;
}

}  // namespace grayling::probe
