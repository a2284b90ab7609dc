// The state that the checkpoint benchmarks save.
#pragma once

#include <cstdint>

#include "checkpoint/format/value.hpp"

namespace cairn::bench {

constexpr std::uint64_t kTensorMebibytes = 16;

/// {"state_dict": {"layer0.weight": …}, "step": 1}: tensors of 16 MiB, as a large model has them.
[[nodiscard]] checkpoint::Value make_state(std::uint64_t mebibytes);

}  // namespace cairn::bench
