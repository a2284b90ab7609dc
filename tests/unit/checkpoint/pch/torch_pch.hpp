// Parsed once for all sources of unit-checkpoint: LibTorch takes longer than all else.
#include <ATen/ATen.h>

#include "checkpoint/state.hpp"
#include "checkpoint/tensor.hpp"
#include "tests/support/precompiled.hpp"
