// From a checkpoint to a run, in Lightning's order: first the module, the data module and the
// callbacks; when the optimizers are there, the rest.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "trainer/checkpoint.hpp"
#include "trainer/loop/run_state.hpp"

namespace cairn::detail {

/// "last" and "best" become the URL that the pointer names; absent if there is none. Other texts
/// are URLs.
[[nodiscard]] std::optional<std::string> resolve_ckpt_path(const RunState& run,
                                                           const ModelCheckpoint* saver,
                                                           const std::string& ckpt_path);
/// Reads a file and checks that it is a trainer's. Errors name the URL.
[[nodiscard]] Checkpoint read_checkpoint(const std::string& url,
                                         const std::shared_ptr<vfs::Context>& context);
/// on_load_checkpoint, weights, state of data module and callbacks.
void restore_modules(Trainer& trainer, RunState& run, Checkpoint& checkpoint);
/// Progress, optimizers, schedulers; loader and generators become pending.
void restore_training(RunState& run, const Checkpoint& checkpoint);

/// Runs `restore`; a checkpoint::Error that it throws says which file it is about.
template <class F>
auto about(std::string_view url, const F& restore) {
  try {
    return restore();
  } catch (const checkpoint::Error& error) {
    throw checkpoint::Error(error.code(),
                            "cannot resume from " + std::string(url) + ": " + error.what());
  }
}

}  // namespace cairn::detail
