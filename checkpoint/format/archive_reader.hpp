// The bytes of a checkpoint file as a tree.
#pragma once

#include "checkpoint/format/archive.hpp"
#include "checkpoint/format/source.hpp"

namespace cairn::checkpoint::format {

/// As format::load, from any source; errors do not name the file.
[[nodiscard]] Value read_archive(Source& source, const LoadOptions& options);

}  // namespace cairn::checkpoint::format
