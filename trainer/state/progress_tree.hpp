// Where a run is, and Lightning's form of it: the "loops" of a checkpoint.
#pragma once

#include <cstdint>

#include "checkpoint/format/value.hpp"

namespace cairn::detail {

struct Cursor {
  std::int64_t epoch{0};
  std::int64_t batch{0};  ///< the next one to train on
};

/// Counters of a fit. Unless it says so, a count is over the whole run.
struct Progress {
  std::int64_t epoch{0};        ///< the one that runs or comes next
  std::int64_t batch{0};        ///< batches done in it
  bool epoch_done{false};       ///< all of it, hooks included
  std::int64_t global_step{0};  ///< optimizer steps
  std::int64_t epoch_steps{0};  ///< in this epoch
  std::int64_t total_batches{0};
  std::int64_t scheduler_steps{0};
  std::int64_t epoch_scheduler_steps{0};
  std::int64_t val_batches{0};       ///< in this epoch
  std::int64_t last_val_batches{0};  ///< in the latest validation

  [[nodiscard]] Cursor cursor() const {
    return epoch_done ? Cursor{epoch + 1, 0} : Cursor{epoch, batch};
  }
  void begin_epoch(std::int64_t number);
};

/// Lightning 2.6's tree, from whose counters it infers where to go on: in the middle of an epoch as
/// its Trainer writes it from on_train_batch_end, at the end of one as before the next.
[[nodiscard]] checkpoint::Value loops_tree(const Progress& progress);
/// From a file of Lightning's. Throws checkpoint::Error.
[[nodiscard]] Progress progress_from_loops(const checkpoint::Value& loops);

/// Ours, without loss: under the key "cairn".
[[nodiscard]] checkpoint::Value to_value(const Progress& progress);
[[nodiscard]] Progress progress_from_value(const checkpoint::Value& value);

}  // namespace cairn::detail
