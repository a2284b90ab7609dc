// Tensors with attributes: what Python wraps in a call that says what a tensor is beside its elements.
#pragma once

#include "checkpoint/format/value.hpp"
#include "vfs/export.hpp"

namespace cairn::checkpoint {

/// The tensor that a value is, or that it is with attributes or as a subclass in Python: those are kept as an Opaque, so that they are
/// written again as they were. nullptr if it is neither. It lives as long as the value; Value::as_tensor() is the same, with an Error.
[[nodiscard]] CAIRN_API const StoredTensor* find_tensor(const Value& value);

}  // namespace cairn::checkpoint
