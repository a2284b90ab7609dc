// The operations of pickle that put a number, a text or bytes on the stack.
#pragma once

#include <optional>

#include "checkpoint/format/pickle_reader.hpp"
#include "checkpoint/format/value.hpp"

namespace cairn::checkpoint::format {

/// Absent for other operations. Texts and bytes are one object each, however often the pickle
/// refers to them. Throws Error(corrupt).
[[nodiscard]] std::optional<Value> read_scalar(Op op, PickleReader& reader);

}  // namespace cairn::checkpoint::format
