// A tree as the bytes of a checkpoint file.
#pragma once

#include <cstdint>

#include "checkpoint/format/value.hpp"
#include "vfs/bytes.hpp"

namespace cairn::checkpoint::format {

/// Refers to the tensors' memory and keeps it alive. `alignment`: a power of two up to 4096. Throws
/// Error.
[[nodiscard]] vfs::Body write_archive(const Value& root, std::uint32_t alignment);

}  // namespace cairn::checkpoint::format
