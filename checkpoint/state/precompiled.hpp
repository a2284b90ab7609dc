// What most sources of this library include of others, compiled once: LibTorch takes longer than all else. Each source includes what it
// uses all the same.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <ATen/Functions.h>
#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>
#include <torch/optim/optimizer.h>

#include "checkpoint/format/value.hpp"
