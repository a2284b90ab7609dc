// Views that bring a far larger storage along.
#pragma once

#include "checkpoint/format/archive.hpp"

namespace cairn::checkpoint::format {

/// The tree to be written: with options.compact_views a copy in which such views have memory of their own. Tells
/// options.on_warning of those that stay.
[[nodiscard]] Value compacted(const Value& root, const SaveOptions& options);

}  // namespace cairn::checkpoint::format
