// Memory of a GPU or another accelerator of LibTorch's, as a checkpoint saves it.
#pragma once

#include <memory>

#include <c10/core/Storage.h>

#include "checkpoint/format/device_memory.hpp"

namespace cairn::checkpoint {

/// Copies go into pinned memory, which is LibTorch's and is kept for the next time, on a stream
/// beside those that wait for them; where a device has one stream only, they are made at once.
[[nodiscard]] std::shared_ptr<const DeviceMemory> accelerator_memory(const c10::Storage& storage);

}  // namespace cairn::checkpoint
