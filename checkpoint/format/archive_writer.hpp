// A tree as the bytes of a checkpoint file.
#pragma once

#include "checkpoint/format/archive.hpp"
#include "vfs/bytes.hpp"

namespace cairn::checkpoint::format {

/// Refers to the tensors' memory and keeps it alive. Throws Error.
[[nodiscard]] vfs::Body write_archive(const Value& root, const SaveOptions& options);

}  // namespace cairn::checkpoint::format
