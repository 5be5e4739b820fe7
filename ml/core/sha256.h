#pragma once

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace grayling {

// SHA-256 (FIPS 180-4) of bytes that come in pieces. Not thread-safe.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void Add(absl::string_view bytes);
  // The 32 bytes of the digest. To be called once, last.
  std::string Finish();

  static std::string Of(absl::string_view bytes);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace grayling
