// data.pkl as a tree: a machine that builds data and runs nothing.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checkpoint/format/archive.hpp"
#include "checkpoint/format/rebuild.hpp"

namespace cairn::checkpoint::format {

struct Decoded {
  Value root{};
  std::vector<Rebuilder::Keyed> storages{};  ///< without data
};

/// Protocols 2 to 5. Throws Error for what is damaged or beyond the limits.
[[nodiscard]] Decoded decode(std::string_view pickle, StorageSize storage_size,
                             const Limits& limits, Unknown unknown = Unknown::keep);

}  // namespace cairn::checkpoint::format
