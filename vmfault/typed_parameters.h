#pragma once

#include <libvirt/libvirt.h>

#include <cstdint>
#include <string>
#include <vector>

#include "vmfault/machine.h"

namespace grayling::vmfault {

// Libvirt's array of named values; frees the texts in it.
class TypedParameters {
 public:
  // Room for `room` values that libvirt is about to write.
  explicit TypedParameters(int room = 0);
  ~TypedParameters();
  TypedParameters(const TypedParameters&) = delete;
  TypedParameters& operator=(const TypedParameters&) = delete;

  virTypedParameterPtr data() { return values_.data(); }
  int* count() { return &count_; }
  // `type` is one of VIR_TYPED_PARAM_UINT, _LLONG, _ULLONG.
  void Add(const std::string& name, std::int64_t value, int type);
  // Those that are whole numbers.
  Tuning Numbers() const;

 private:
  std::vector<virTypedParameter> values_;
  int count_ = 0;
};

}  // namespace grayling::vmfault
