// Deep copies of trees, whose tensors may get other memory.
#pragma once

#include <functional>
#include <memory>

#include "checkpoint/format/value.hpp"

namespace cairn::checkpoint {

/// The same storage for the same storage.
using MapMemory = std::function<std::shared_ptr<Storage>(const std::shared_ptr<Storage>&)>;

/// What a tensor becomes. Asked once for each tensor.
using MapTensor = std::function<StoredTensor(const StoredTensor&)>;

/// As Value::clone, but for the tensors.
[[nodiscard]] Value clone_tensors(const Value& value, const MapTensor& map);

/// As Value::clone; with `map`, tensors are copied too, and what it returns is their memory.
[[nodiscard]] Value clone(const Value& value, const MapMemory& map);

}  // namespace cairn::checkpoint
