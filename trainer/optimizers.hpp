// What Module::configure_optimizers returns.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace torch::optim {
class Optimizer;
}

namespace cairn {

class LRScheduler;

enum class Interval { step, epoch };

/// A schedule and how often it moves.
struct SchedulerConfig {
  std::shared_ptr<LRScheduler> scheduler{};
  Interval interval{Interval::epoch};
  std::int64_t frequency{1};  ///< every so many optimizer steps or epochs
};

///   return {.optimizer = adam, .schedulers = {{.scheduler = cosine, .interval = Interval::step}}};
/// No optimizer: nothing is stepped, as in Lightning's configure_optimizers that returns None.
struct Optimizers {
  std::shared_ptr<torch::optim::Optimizer> optimizer{};
  std::vector<SchedulerConfig> schedulers{};
};

}  // namespace cairn
