// What is trained: a torch::nn::Module with training_step, configure_optimizers and hooks.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <torch/nn/module.h>

#include "checkpoint/state.hpp"
#include "trainer/checkpoint.hpp"
#include "trainer/optimizers.hpp"
#include "trainer/stage.hpp"
#include "trainer/step.hpp"
#include "vfs/export.hpp"

namespace cairn {

class Callback;
class Trainer;

/// Derive, add the steps for your batch type, override what you need. Any torch::nn::Module can be
/// a child.
///   at::Tensor training_step(const Batch&, Step&);   // the loss
///   void validation_step(const Batch&, Step&);        // optional, as is test_step
/// Hooks are called on the thread of fit(), in Lightning's order (README.md has it).
class CAIRN_API Module : public torch::nn::Module {
 public:
  using torch::nn::Module::Module;

  // --- what is saved and loaded
  // -------------------------------------------------------------------
  /// What a checkpoint holds as "state_dict". Override to leave parts out; see without_prefix().
  [[nodiscard]] virtual checkpoint::StateDict state_dict() const;
  /// Atomic: checks all before it copies any. Throws checkpoint::Error(mismatch) that lists every
  /// name.
  virtual checkpoint::LoadReport load_state_dict(const checkpoint::StateDict& state, bool strict);
  /// Whether the Trainer's loads are strict: true until it is set to false.
  [[nodiscard]] bool strict_loading() const noexcept { return strict_loading_.value_or(true); }
  void strict_loading(bool strict) noexcept { strict_loading_ = strict; }
  [[nodiscard]] std::optional<bool> explicit_strict_loading() const noexcept {
    return strict_loading_;
  }
  /// The last thing before the file is written; the first after it is read, before the weights are
  /// loaded.
  virtual void on_save_checkpoint(Checkpoint& checkpoint);
  virtual void on_load_checkpoint(Checkpoint& checkpoint);
  /// Saved as "hyper_parameters", what Lightning's load_from_checkpoint passes to the constructor.
  [[nodiscard]] checkpoint::Dict& hparams() noexcept { return hparams_; }
  [[nodiscard]] const checkpoint::Dict& hparams() const noexcept { return hparams_; }

  // --- optimisation
  // -------------------------------------------------------------------------------
  [[nodiscard]] virtual Optimizers configure_optimizers() = 0;
  /// Default: closure(), then optimizer.step(). The closure runs the step, backward, and clipping.
  virtual void optimizer_step(torch::optim::Optimizer& optimizer,
                              const std::function<at::Tensor()>& closure);
  virtual void optimizer_zero_grad(torch::optim::Optimizer& optimizer);
  virtual void backward(const at::Tensor& loss);
  /// Default: clips the norm over all parameters to `clip_val` where there is one, without waiting
  /// for the device.
  virtual void configure_gradient_clipping(torch::optim::Optimizer& optimizer,
                                           std::optional<double> clip_val);
  virtual void lr_scheduler_step(LRScheduler& scheduler);

  // --- hooks, in the order of their first call
  // ----------------------------------------------------
  [[nodiscard]] virtual std::vector<std::shared_ptr<Callback>> configure_callbacks();
  virtual void prepare_data() {}
  virtual void setup(Stage) {}
  virtual void configure_model() {}
  virtual void on_fit_start() {}
  virtual void on_validation_model_eval();  ///< default: eval()
  virtual void on_validation_start() {}
  virtual void on_validation_epoch_start() {}
  virtual void on_validation_batch_start(std::int64_t /*batch_idx*/) {}
  virtual void on_validation_batch_end(std::int64_t /*batch_idx*/) {}
  virtual void on_validation_epoch_end() {}
  virtual void on_validation_end() {}
  virtual void on_validation_model_train();  ///< default: each submodule back to the mode it had
  virtual void on_train_start() {}
  virtual void on_train_epoch_start() {}
  virtual void on_train_batch_start(std::int64_t /*batch_idx*/) {}
  virtual void on_before_zero_grad(torch::optim::Optimizer&) {}
  virtual void on_before_backward(const at::Tensor& /*loss*/) {}
  virtual void on_after_backward() {}
  virtual void on_before_optimizer_step(torch::optim::Optimizer&) {}
  virtual void on_train_batch_end(const at::Tensor& /*loss*/, std::int64_t /*batch_idx*/) {}
  virtual void on_validation_model_zero_grad() {}
  virtual void on_train_epoch_end() {}
  virtual void on_train_end() {}
  virtual void on_fit_end() {}
  virtual void on_test_start() {}
  virtual void on_test_epoch_start() {}
  virtual void on_test_batch_start(std::int64_t /*batch_idx*/) {}
  virtual void on_test_batch_end(std::int64_t /*batch_idx*/) {}
  virtual void on_test_epoch_end() {}
  virtual void on_test_end() {}
  virtual void teardown(Stage) {}

  /// The Trainer that runs this module. Throws std::logic_error outside of fit, validate and test.
  [[nodiscard]] Trainer& trainer() const;
  /// Called by the Trainer.
  void attach(Trainer* trainer) noexcept { trainer_ = trainer; }
  /// Remembers the mode of every submodule, for on_validation_model_train. Called by the Trainer.
  void remember_modes();

 private:
  std::optional<bool> strict_loading_;
  checkpoint::Dict hparams_;
  Trainer* trainer_{nullptr};
  std::vector<bool> modes_;
};

/// The entries whose names do not begin with `prefix`: return without_prefix(Module::state_dict(),
/// "encoder.");
[[nodiscard]] CAIRN_API checkpoint::StateDict without_prefix(checkpoint::StateDict state,
                                                             std::string_view prefix);

}  // namespace cairn
