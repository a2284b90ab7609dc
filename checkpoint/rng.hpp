// The state of random generators, as the tensor that Python's torch.get_rng_state() gives.
#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include "vfs/export.hpp"

namespace cairn::checkpoint {

/// uint8, on the CPU: Python's torch.set_rng_state and torch.cuda.set_rng_state take it. Thread-safe.
[[nodiscard]] CAIRN_API at::Tensor rng_state(const at::Generator& generator);
/// Of the device's default generator. Throws Error(unsupported) if there is no such device.
[[nodiscard]] CAIRN_API at::Tensor rng_state(c10::Device device = c10::Device(c10::kCPU));

/// From C++ or Python. Throws Error(mismatch) for what is no state of such a generator, which then stays as it was. Thread-safe.
CAIRN_API void set_rng_state(at::Generator generator, const at::Tensor& state);
CAIRN_API void set_rng_state(const at::Tensor& state, c10::Device device = c10::Device(c10::kCPU));

}  // namespace cairn::checkpoint
