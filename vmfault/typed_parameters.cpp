#include "vmfault/typed_parameters.h"

#include <cstring>

namespace grayling::vmfault {

TypedParameters::TypedParameters(int room)
    : values_(static_cast<std::size_t>(room)), count_(room) {}

TypedParameters::~TypedParameters() { virTypedParamsClear(values_.data(), count_); }

void TypedParameters::Add(const std::string& name, std::int64_t value, int type) {
  virTypedParameter parameter{};
  std::strncpy(parameter.field, name.c_str(), sizeof parameter.field - 1);
  parameter.type = type;
  if (type == VIR_TYPED_PARAM_UINT) {
    parameter.value.ui = static_cast<unsigned int>(value);
  } else if (type == VIR_TYPED_PARAM_LLONG) {
    parameter.value.l = value;
  } else {
    parameter.value.ul = static_cast<unsigned long long>(value);
  }
  values_.push_back(parameter);
  count_ = static_cast<int>(values_.size());
}

Tuning TypedParameters::Numbers() const {
  Tuning numbers;
  for (int i = 0; i < count_; ++i) {
    const virTypedParameter& parameter = values_[static_cast<std::size_t>(i)];
    switch (parameter.type) {
      case VIR_TYPED_PARAM_INT:
        numbers[parameter.field] = parameter.value.i;
        break;
      case VIR_TYPED_PARAM_UINT:
        numbers[parameter.field] = parameter.value.ui;
        break;
      case VIR_TYPED_PARAM_LLONG:
        numbers[parameter.field] = parameter.value.l;
        break;
      case VIR_TYPED_PARAM_ULLONG:
        numbers[parameter.field] = static_cast<std::int64_t>(parameter.value.ul);
        break;
      default:
        break;
    }
  }
  return numbers;
}

}  // namespace grayling::vmfault
