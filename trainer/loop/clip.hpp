// Gradient clipping without waiting for the device.
#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

namespace cairn::detail {

/// torch.nn.utils.clip_grad_norm_: scales the gradients in place so that their common 2-norm is at
/// most `max_norm`.
void clip_grad_norm(const std::vector<at::Tensor>& parameters, double max_norm);

}  // namespace cairn::detail
