#pragma once

#include <string>

#include "probe/fault/effect.h"

namespace grayling::vmfault {

// Makes the effects of the kinds vm.*, on the domains of the libvirt at `uri`.
probe::EffectMaker MachineEffects(const std::string& uri);

}  // namespace grayling::vmfault
