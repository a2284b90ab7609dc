// What of a state goes where in a module.
#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

#include "checkpoint/state.hpp"

namespace cairn::checkpoint {

struct Copy {
  at::Tensor to{};    // the module's
  at::Tensor from{};  // the state's
};

struct Plan {
  std::vector<Copy> copies{};
  LoadReport report{};
};

/// Looks at names and shapes only: the state's tensors need no data. Throws Error(mismatch) as load_state_dict does.
[[nodiscard]] Plan plan_load(const torch::nn::Module& module, const StateDict& state,
                             const LoadStateOptions& options);

}  // namespace cairn::checkpoint
