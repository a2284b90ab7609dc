// How a Trainer runs: every field has the default that Lightning has, where Lightning has it.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "checkpoint/state.hpp"
#include "trainer/callback.hpp"
#include "trainer/loggers.hpp"
#include "trainer/metrics.hpp"
#include "vfs/context.hpp"

namespace cairn {

enum class Accelerator {
  automatic,  ///< CUDA if this LibTorch has it and there is a device, else CPU
  cpu,
  cuda,  ///< an error if there is none
};

/// Batches of an epoch: a number (std::int64_t) or a share of them (double): {.limit_val_batches =
/// 0.25}.
struct Limit {
  Limit() = default;
  template <std::integral T>
  Limit(T number)
      : batches(static_cast<std::int64_t>(number)) {}  // NOLINT(google-explicit-constructor)
  template <std::floating_point T>
  Limit(T part) : share(static_cast<double>(part)) {}  // NOLINT(google-explicit-constructor)
  std::optional<std::int64_t> batches{};
  double share{1.0};
};

struct TrainerOptions {
  std::string default_root_dir{"."};  ///< any URL: checkpoints and logs go below it
  Accelerator accelerator{Accelerator::automatic};
  std::optional<std::int64_t> max_epochs{};  ///< total, over resumes; unset: 1000, or no limit if
                                             ///< max_steps is set; -1: no limit
  std::optional<std::int64_t> max_steps{};   ///< total optimizer steps; unset or -1: no limit
  Limit limit_train_batches{};
  Limit limit_val_batches{};
  Limit limit_test_batches{};
  Limit val_check_interval{};  ///< within an epoch: a share of it, or a number of training batches
  std::int64_t check_val_every_n_epoch{1};
  std::int64_t num_sanity_val_steps{2};  ///< validation batches before training; -1: all
  std::int64_t log_every_n_steps{50};
  std::int64_t accumulate_grad_batches{1};
  std::optional<double> gradient_clip_val{};  ///< norm over all parameters
  std::vector<std::shared_ptr<Callback>> callbacks{};
  std::optional<std::vector<std::shared_ptr<Logger>>>
      loggers{};                    ///< unset: one CSVLogger; empty: none
  bool enable_checkpointing{true};  ///< adds a ModelCheckpoint if `callbacks` has none
  bool enable_progress_bar{true};
  std::optional<std::uint64_t>
      seed{};  ///< of torch's generators, and of loaders that have no seed of their own
  bool deterministic{false};                ///< operators without a deterministic form throw
  std::shared_ptr<vfs::Context> context{};  ///< empty: the process's own
};

/// What to do if ckpt_path is "last" or "best" and there is none.
enum class OnMissing { error, fresh };

struct FitOptions {
  std::string ckpt_path{};  ///< a URL, "last", "best"; empty: start fresh
  OnMissing on_missing{OnMissing::error};
};

struct EvaluateOptions {
  std::string ckpt_path{};  ///< weights to load first: a URL, "last", "best"; empty: those that the
                            ///< module has
};

struct SaveCheckpointOptions {
  bool weights_only{false};
  bool create_only{false};  ///< vfs::Error(already_exists) rather than replace a file
};

struct FitResult {
  std::int64_t epochs{0};  ///< completed, over resumes
  std::int64_t global_step{0};
  std::string resumed_from{};
  checkpoint::LoadReport report{};  ///< of the weights that were loaded
  Metrics metrics{};                ///< the latest of each
};

}  // namespace cairn
