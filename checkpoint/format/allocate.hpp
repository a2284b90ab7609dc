// Memory for what is read.
#pragma once

#include <functional>

#include "checkpoint/format/stored_tensor.hpp"

namespace cairn::checkpoint::format {

/// Gives the storage its nbytes of memory, not zeroed: from the caller's function, or plain memory
/// if that is empty. Throws Error(limit) if the function gives none.
void allocate(Storage& storage, const std::function<void(Storage&)>& from_caller);

}  // namespace cairn::checkpoint::format
