#pragma once

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>
#include <variant>

namespace grayling::probe {

// Why something failed, as one sentence for the reader. `code` is an errno value, or 0.
struct Error {
  std::string sentence;
  int code = 0;
};

// A value or an error. The static binary goes without Abseil, so this is its StatusOr.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}      // NOLINT: implicit, as StatusOr is
  Result(Error error) : state_(std::move(error)) {}  // NOLINT

  bool ok() const { return std::holds_alternative<T>(state_); }
  T& value() { return std::get<T>(state_); }
  const T& value() const { return std::get<T>(state_); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  // By value, so that a loop over `*Call()` holds what it walks over.
  T operator*() && { return std::move(value()); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  const Error& error() const { return std::get<Error>(state_); }

 private:
  std::variant<T, Error> state_;
};

struct Done {};
using Status = Result<Done>;

// "what: No such file or directory", from errno.
inline Error SystemError(const std::string& what) {
  const int code = errno;
  return Error{what + ": " + std::strerror(code), code};
}

}  // namespace grayling::probe
