// Random nested values of every kind that torch.load(weights_only=True) reads.
#pragma once

#include <cstdint>

#include "checkpoint/format/value.hpp"

namespace interop {

/// The same for the same seed. The rules for what can't go to Python and come back as it was stand
/// in random_values.cpp, each where it applies.
[[nodiscard]] cairn::checkpoint::Value random_state(std::uint64_t seed);

}  // namespace interop
