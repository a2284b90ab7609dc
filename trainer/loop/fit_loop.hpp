// The training loop.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "trainer/loop/run_state.hpp"

namespace cairn::detail {

/// Trains until max_epochs, max_steps or a stop, from wherever the run is.
class FitLoop {
 public:
  FitLoop(Trainer& trainer, RunState& run, const Job& job)
      : trainer_(trainer), run_(run), job_(job) {}
  void run();

 private:
  void make_validation();
  void sanity_check();
  void start_data();
  void run_epoch();
  void train_batch(bool last);
  at::Tensor backward(Step& step, bool stepping);
  void optimizer_step(Step& step, at::Tensor& loss, bool last);
  void step_schedulers(Interval interval, std::int64_t count);
  void validate_if_due(bool last);
  void end_epoch();
  void boundary(bool epoch_end);
  void log_step();
  void show_progress(bool final);
  [[nodiscard]] bool out_of_steps() const;
  [[nodiscard]] bool out_of_epochs(std::int64_t next_epoch) const;
  [[nodiscard]] bool done() const;

  Trainer& trainer_;
  RunState& run_;
  const Job& job_;
  std::optional<std::int64_t> batches_{};  ///< of an epoch, after the limit
  std::int64_t validate_every_{0};         ///< batches; 0: at the end of the epoch
  bool resumed_mid_epoch_{false};
  ProgressState shown_{};
  std::chrono::steady_clock::time_point epoch_begin_{};
};

}  // namespace cairn::detail
