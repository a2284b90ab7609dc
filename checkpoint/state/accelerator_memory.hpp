// Memory of a GPU or another accelerator of LibTorch's, as a checkpoint saves it.
#pragma once

#include <memory>

#include <c10/core/Storage.h>

#include "checkpoint/format/device_memory.hpp"

namespace cairn::checkpoint {

/// Bytes are fetched into pinned memory, on a stream of its own, which waits for all that was begun
/// on the stream that is current now: neither holds up what is begun there afterwards. Pinned
/// memory is LibTorch's, which keeps it for the next time.
[[nodiscard]] std::shared_ptr<const DeviceMemory> accelerator_memory(const c10::Storage& storage);

}  // namespace cairn::checkpoint
