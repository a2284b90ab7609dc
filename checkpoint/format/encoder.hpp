// A tree as data.pkl: the bytes that Python's torch.save writes for the same content.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "checkpoint/format/value.hpp"

namespace cairn::checkpoint::format {

struct Pickle {
  std::string bytes{};
  std::vector<std::shared_ptr<const Storage>> storages{};  ///< record data/<index>
};

/// Throws Error that says where in the tree: a container inside itself, deeper than 1000, tensors
/// without data or outside their storage, one storage used as two types, keys and texts that Python
/// can't have; without `allow_opaque` also names that torch.load(weights_only=True) would refuse.
[[nodiscard]] Pickle encode(const Value& root, bool allow_opaque = false);

}  // namespace cairn::checkpoint::format
