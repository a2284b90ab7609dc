// What most sources of this library include of others, compiled once: LibTorch takes longer than all else. Each source includes what it
// uses all the same.
#include <ATen/Functions.h>
#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>
#include <torch/optim/optimizer.h>

#include "vfs/base/precompiled.hpp"
