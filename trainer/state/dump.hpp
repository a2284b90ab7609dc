// From a run to the dict of a checkpoint, in Lightning's order and under its keys.
#pragma once

#include "trainer/checkpoint.hpp"
#include "trainer/loop/run_state.hpp"

namespace cairn::detail {

/// Calls on_save_checkpoint of callbacks, data module and, last, the module. Tensors share memory
/// with the run.
[[nodiscard]] Checkpoint dump_checkpoint(Trainer& trainer, RunState& run, bool weights_only);

}  // namespace cairn::detail
