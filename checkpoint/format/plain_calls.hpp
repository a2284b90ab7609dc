// Calls that make plain data: OrderedDict, Counter, torch.Size, bytes, complex, set, torch.device.
#pragma once

#include <vector>

#include "checkpoint/format/globals.hpp"
#include "checkpoint/format/value.hpp"

namespace cairn::checkpoint::format {

/// None for what is no call of this sort. Throws Error for wrong arguments.
[[nodiscard]] Value plain_call(Known callee, const std::vector<Value>& arguments);

}  // namespace cairn::checkpoint::format
