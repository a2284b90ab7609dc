// Trains a Module: loops, hooks, checkpoints and exact resume.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trainer/batch.hpp"
#include "trainer/callback.hpp"
#include "trainer/data_module.hpp"
#include "trainer/metrics.hpp"
#include "trainer/module.hpp"
#include "trainer/runner.hpp"
#include "trainer/trainer_options.hpp"
#include "vfs/export.hpp"
#include "vfs/types.hpp"

namespace cairn {

class ModelCheckpoint;

namespace detail {
struct Job {
  Module& module;
  DataModule* data{nullptr};
  RunnerFactory train{};
  RunnerFactory validate{};
  RunnerFactory test{};
};
template <class M, class D>
Job make_job(M& module, D& data);
}  // namespace detail

/// What brings loaders: a DataModule, a Module with train_loader() of its own, or any type with it.
template <class D>
concept HasTrainLoader = requires(D& data) { data.train_loader(); };
template <class D>
concept HasValLoader = requires(D& data) { data.val_loader(); };
template <class D>
concept HasTestLoader = requires(D& data) { data.test_loader(); };

/// Not thread-safe: one thread fits. `request_stop` may be called from any.
class CAIRN_API Trainer {
 public:
  /// Throws std::invalid_argument for options that contradict each other. With `seed` it seeds
  /// torch: construct it before the module.
  explicit Trainer(TrainerOptions options = {});
  ~Trainer();
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;

  /// Trains, from `ckpt_path` where it is given. max_epochs and max_steps are totals. Throws what
  /// went wrong, vfs::Error and checkpoint::Error among it; checkpoints written before stay whole.
  template <std::derived_from<Module> M, HasTrainLoader D>
  FitResult fit(M& module, D& data, const FitOptions& options = {}) {
    return run_fit(detail::make_job(module, data), options);
  }
  template <std::derived_from<Module> M>
    requires HasTrainLoader<M>
  FitResult fit(M& module, const FitOptions& options = {}) {
    return run_fit(detail::make_job(module, module), options);
  }
  /// One pass over val_loader() with validation_step; returns what it logged, as means over the
  /// epoch.
  template <std::derived_from<Module> M, HasValLoader D>
  Metrics validate(M& module, D& data, const EvaluateOptions& options = {}) {
    return run_evaluation(detail::make_job(module, data), Stage::validate, options);
  }
  template <std::derived_from<Module> M>
    requires HasValLoader<M>
  Metrics validate(M& module, const EvaluateOptions& options = {}) {
    return run_evaluation(detail::make_job(module, module), Stage::validate, options);
  }
  /// The same with test_loader() and test_step.
  template <std::derived_from<Module> M, HasTestLoader D>
  Metrics test(M& module, D& data, const EvaluateOptions& options = {}) {
    return run_evaluation(detail::make_job(module, data), Stage::test, options);
  }
  template <std::derived_from<Module> M>
    requires HasTestLoader<M>
  Metrics test(M& module, const EvaluateOptions& options = {}) {
    return run_evaluation(detail::make_job(module, module), Stage::test, options);
  }

  [[nodiscard]] const TrainerOptions& options() const noexcept;
  [[nodiscard]] c10::Device device() const noexcept;
  [[nodiscard]] std::int64_t current_epoch() const noexcept;
  [[nodiscard]] std::int64_t global_step() const noexcept;  ///< optimizer steps made
  [[nodiscard]] bool sanity_checking() const noexcept;
  /// The latest value of every logged metric, also those restored from a checkpoint. Waits for the
  /// device.
  [[nodiscard]] Metrics callback_metrics() const;
  /// From hooks that have no Step: epoch metrics in on_train_epoch_end and the like.
  void log(std::string_view name, const at::Tensor& value, const LogOptions& options = {});
  void log(std::string_view name, double value, const LogOptions& options = {});
  /// Training ends after the step that runs, with its checkpoint.
  void request_stop() noexcept;
  [[nodiscard]] bool should_stop() const noexcept;

  /// Writes all that fit() needs to go on, to any URL. Exact only in on_step_boundary and after
  /// fit(), while its module lives. Throws std::logic_error if nothing was fitted.
  vfs::WriteResult save_checkpoint(std::string_view url, const SaveCheckpointOptions& options = {});
  /// The URL that training was resumed from; empty: none.
  [[nodiscard]] const std::string& resumed_from() const noexcept;
  /// This run's name, 16 hex digits, kept over resumes.
  [[nodiscard]] const std::string& run_id() const noexcept;
  [[nodiscard]] const std::shared_ptr<vfs::Context>& context() const noexcept;
  /// The first ModelCheckpoint; nullptr if there is none.
  [[nodiscard]] ModelCheckpoint* checkpoint_callback() const noexcept;

 private:
  FitResult run_fit(const detail::Job& job, const FitOptions& options);
  Metrics run_evaluation(const detail::Job& job, Stage stage, const EvaluateOptions& options);

  struct State;
  std::unique_ptr<State> state_;
};

template <class M, class D>
detail::Job detail::make_job(M& module, D& data) {
  Job job{.module = module};
  if constexpr (std::derived_from<D, DataModule>) job.data = &data;
  if constexpr (HasTrainLoader<D>) {
    job.train = [&] {
      return make_runner(data.train_loader(), data,
                         [&](const auto& batch, Step& step) -> at::Tensor {
                           return module.training_step(batch, step);
                         });
    };
  }
  if constexpr (HasValLoader<D>) {
    using B = std::remove_cvref_t<decltype(*as_loader(data.val_loader()).next())>;
    if constexpr (requires(const B& batch, Step& step) { module.validation_step(batch, step); }) {
      job.validate = [&] {
        return make_runner(data.val_loader(), data, [&](const auto& batch, Step& step) {
          return module.validation_step(batch, step);
        });
      };
    }
  }
  if constexpr (HasTestLoader<D>) {
    using B = std::remove_cvref_t<decltype(*as_loader(data.test_loader()).next())>;
    if constexpr (requires(const B& batch, Step& step) { module.test_step(batch, step); }) {
      job.test = [&] {
        return make_runner(data.test_loader(), data, [&](const auto& batch, Step& step) {
          return module.test_step(batch, step);
        });
      };
    }
  }
  return job;
}

/// Seeds torch's generators on every device.
CAIRN_API void seed_everything(std::uint64_t seed);

}  // namespace cairn
