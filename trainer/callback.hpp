// What happens besides training: one object per concern, called at Lightning's places.
#pragma once

#include <cstdint>
#include <exception>
#include <string>

#include "checkpoint/format/value.hpp"
#include "trainer/checkpoint.hpp"
#include "trainer/stage.hpp"
#include "vfs/export.hpp"

namespace at {
class Tensor;
}
namespace torch::optim {
class Optimizer;
}

namespace cairn {

class Module;
class Trainer;

/// Where a checkpoint may be cut: all hooks, schedules and validation of the optimizer step are
/// done.
struct StepBoundary {
  bool validated{false};  ///< validation ran since the last boundary
  bool epoch_end{false};  ///< the epoch is over, its hooks and schedules too
  bool last{false};       ///< training ends here (max_steps, max_epochs, stop)
};

/// Callbacks are called before the module, checkpointing ones last among them; on the thread of
/// fit().
class CAIRN_API Callback {
 public:
  virtual ~Callback() = default;

  /// Names this callback's state in the file; two callbacks of one Trainer must differ. Default:
  /// the name of the class.
  [[nodiscard]] virtual std::string state_key() const;
  [[nodiscard]] virtual checkpoint::Value state_dict() const {
    return {};
  }  ///< None: nothing is saved
  virtual void load_state_dict(const checkpoint::Value&) {}
  virtual void on_save_checkpoint(Trainer&, Module&, Checkpoint&) {}
  virtual void on_load_checkpoint(Trainer&, Module&, Checkpoint&) {}
  /// True for those that write checkpoints: they come last.
  [[nodiscard]] virtual bool is_checkpoint() const noexcept { return false; }

  virtual void setup(Trainer&, Module&, Stage) {}
  virtual void on_fit_start(Trainer&, Module&) {}
  virtual void on_sanity_check_start(Trainer&, Module&) {}
  virtual void on_sanity_check_end(Trainer&, Module&) {}
  virtual void on_validation_start(Trainer&, Module&) {}
  virtual void on_validation_epoch_start(Trainer&, Module&) {}
  virtual void on_validation_batch_start(Trainer&, Module&, std::int64_t /*batch_idx*/) {}
  virtual void on_validation_batch_end(Trainer&, Module&, std::int64_t /*batch_idx*/) {}
  virtual void on_validation_epoch_end(Trainer&, Module&) {}
  virtual void on_validation_end(Trainer&, Module&) {}
  virtual void on_train_start(Trainer&, Module&) {}
  virtual void on_train_epoch_start(Trainer&, Module&) {}
  virtual void on_train_batch_start(Trainer&, Module&, std::int64_t /*batch_idx*/) {}
  virtual void on_before_zero_grad(Trainer&, Module&, torch::optim::Optimizer&) {}
  virtual void on_before_backward(Trainer&, Module&, const at::Tensor& /*loss*/) {}
  virtual void on_after_backward(Trainer&, Module&) {}
  virtual void on_before_optimizer_step(Trainer&, Module&, torch::optim::Optimizer&) {}
  virtual void on_train_batch_end(Trainer&, Module&, const at::Tensor& /*loss*/,
                                  std::int64_t /*batch_idx*/) {}
  virtual void on_train_epoch_end(Trainer&, Module&) {}
  /// After everything else of an optimizer step, and the only place where a checkpoint resumes
  /// exactly.
  virtual void on_step_boundary(Trainer&, Module&, const StepBoundary&) {}
  virtual void on_train_end(Trainer&, Module&) {}
  virtual void on_fit_end(Trainer&, Module&) {}
  virtual void on_test_start(Trainer&, Module&) {}
  virtual void on_test_epoch_start(Trainer&, Module&) {}
  virtual void on_test_batch_start(Trainer&, Module&, std::int64_t /*batch_idx*/) {}
  virtual void on_test_batch_end(Trainer&, Module&, std::int64_t /*batch_idx*/) {}
  virtual void on_test_epoch_end(Trainer&, Module&) {}
  virtual void on_test_end(Trainer&, Module&) {}
  virtual void on_exception(Trainer&, Module&, const std::exception&) {}
  virtual void teardown(Trainer&, Module&, Stage) {}
};

}  // namespace cairn
