// Tensors that are more than strided memory, as the calls that torch.save describes them with.
#pragma once

#include <ATen/core/Tensor.h>

#include "checkpoint/format/value.hpp"

namespace cairn::checkpoint {

/// Sparse (COO, CSR, CSC, BSR, BSC), quantized, nested (strided) or without data (device meta).
[[nodiscard]] bool is_composite(const at::Tensor& tensor);
/// torch.Tensor._reduce_ex_internal. Throws Error(unsupported) for layouts and quantizers that it has no call for.
[[nodiscard]] Value composite_value(const at::Tensor& tensor);
/// The tensor of such a call, or of one with attributes around it, without these. Checks what the file says before ATen sees it: Error(corrupt).
/// Error(type) for other objects.
[[nodiscard]] at::Tensor composite_tensor(const Opaque& object);

}  // namespace cairn::checkpoint
