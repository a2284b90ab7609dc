// Learning-rate schedules with torch.optim.lr_scheduler's values and state, bit for bit. Usable
// without a Trainer.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "checkpoint/format/value.hpp"
#include "vfs/export.hpp"

namespace torch::optim {
class Optimizer;
}

namespace cairn {

/// Refers to the optimizer, which must outlive it. Construction sets the first rate, as in Python.
/// Not thread-safe.
class CAIRN_API LRScheduler {
 public:
  virtual ~LRScheduler() = default;
  LRScheduler(const LRScheduler&) = delete;
  LRScheduler& operator=(const LRScheduler&) = delete;

  /// After optimizer.step(): sets the next rate of every parameter group.
  void step();
  [[nodiscard]] const std::vector<double>& last_lr() const noexcept { return last_lr_; }
  [[nodiscard]] const std::vector<double>& base_lrs() const noexcept { return base_lrs_; }
  [[nodiscard]] std::int64_t last_epoch() const noexcept { return last_epoch_; }

  /// Python's names: base_lrs, last_epoch, _step_count, _last_lr, … and the schedule's own.
  [[nodiscard]] checkpoint::Value state_dict() const;
  /// From C++ or Python. As in Python the schedule's own parameters come from the state.
  void load_state_dict(const checkpoint::Value& state);

 protected:
  explicit LRScheduler(torch::optim::Optimizer& optimizer);
  void initial_step();  ///< derived constructors end with it

  /// The rate of a group from its rate now (`lr`) and its first one. `is_initial()`: the call from
  /// the constructor.
  [[nodiscard]] virtual double next_lr(double lr, double base_lr) const = 0;
  virtual void save_parameters(checkpoint::Dict& state) const = 0;
  virtual void load_parameters(const checkpoint::Dict& state) = 0;
  [[nodiscard]] bool is_initial() const noexcept { return is_initial_; }
  [[nodiscard]] std::int64_t step_count() const noexcept { return step_count_; }

 private:
  torch::optim::Optimizer* optimizer_;
  std::vector<double> base_lrs_;
  std::vector<double> last_lr_;
  std::int64_t last_epoch_{-1};
  std::int64_t step_count_{0};
  bool is_initial_{false};
};

struct StepLROptions {
  std::int64_t step_size{1};
  double gamma{0.1};
};
/// lr *= gamma every `step_size` epochs.
class CAIRN_API StepLR final : public LRScheduler {
 public:
  StepLR(torch::optim::Optimizer& optimizer, StepLROptions options);

 private:
  [[nodiscard]] double next_lr(double lr, double base_lr) const override;
  void save_parameters(checkpoint::Dict& state) const override;
  void load_parameters(const checkpoint::Dict& state) override;
  StepLROptions options_;
};

struct ExponentialLROptions {
  double gamma{0.95};
};
/// lr *= gamma every epoch.
class CAIRN_API ExponentialLR final : public LRScheduler {
 public:
  ExponentialLR(torch::optim::Optimizer& optimizer, ExponentialLROptions options);

 private:
  [[nodiscard]] double next_lr(double lr, double base_lr) const override;
  void save_parameters(checkpoint::Dict& state) const override;
  void load_parameters(const checkpoint::Dict& state) override;
  ExponentialLROptions options_;
};

struct CosineAnnealingLROptions {
  std::int64_t T_max{1};  ///< steps from the first rate down to eta_min
  double eta_min{0.0};
};
/// SGDR without restarts, https://arxiv.org/abs/1608.03983; Python's recursive form.
class CAIRN_API CosineAnnealingLR final : public LRScheduler {
 public:
  CosineAnnealingLR(torch::optim::Optimizer& optimizer, CosineAnnealingLROptions options);

 private:
  [[nodiscard]] double next_lr(double lr, double base_lr) const override;
  void save_parameters(checkpoint::Dict& state) const override;
  void load_parameters(const checkpoint::Dict& state) override;
  CosineAnnealingLROptions options_;
};

struct LinearLROptions {
  double start_factor{1.0 / 3};
  double end_factor{1.0};
  std::int64_t total_iters{5};
};
/// Warm-up: the factor goes from start_factor to end_factor within total_iters steps.
class CAIRN_API LinearLR final : public LRScheduler {
 public:
  LinearLR(torch::optim::Optimizer& optimizer, LinearLROptions options);

 private:
  [[nodiscard]] double next_lr(double lr, double base_lr) const override;
  void save_parameters(checkpoint::Dict& state) const override;
  void load_parameters(const checkpoint::Dict& state) override;
  LinearLROptions options_;
};

/// lr = first rate * factor(step). The function is not in the state, as in Python.
class CAIRN_API LambdaLR final : public LRScheduler {
 public:
  LambdaLR(torch::optim::Optimizer& optimizer, std::function<double(std::int64_t step)> factor);

 private:
  [[nodiscard]] double next_lr(double lr, double base_lr) const override;
  void save_parameters(checkpoint::Dict& state) const override;
  void load_parameters(const checkpoint::Dict& state) override;
  std::function<double(std::int64_t)> factor_;
  std::size_t groups_;
};

}  // namespace cairn
