// Where to train.
#pragma once

#include <c10/core/Device.h>

#include "trainer/trainer_options.hpp"

namespace cairn::detail {

/// Loads libtorch_cuda.so, the one that belongs to the libtorch_cpu.so of this process, where CUDA
/// is asked for or may be there; nothing of ours links to it. Throws std::runtime_error that says
/// what is missing if CUDA is asked for and is not there.
[[nodiscard]] c10::Device select_device(Accelerator accelerator);

}  // namespace cairn::detail
