// What the loops, the checkpoint code and the Trainer share.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <c10/core/Device.h>

#include "checkpoint/state.hpp"
#include "trainer/module.hpp"
#include "trainer/progress.hpp"
#include "trainer/runner.hpp"
#include "trainer/state/metric_store.hpp"
#include "trainer/state/progress_tree.hpp"
#include "trainer/trainer.hpp"

namespace cairn::detail {

/// What of a checkpoint can only be applied later: when the loader is there, and right before the
/// first step.
struct Pending {
  std::optional<checkpoint::Value> loader{};
  std::optional<checkpoint::Value> rng{};
};

struct RunState {
  TrainerOptions options{};
  std::shared_ptr<vfs::Context> context{};
  c10::Device device{c10::DeviceType::CPU};
  std::vector<std::shared_ptr<Callback>> own_callbacks{};  ///< from the options
  std::vector<std::shared_ptr<Callback>>
      callbacks{};  ///< and the module's, those that checkpoint last
  std::vector<std::shared_ptr<Logger>> loggers{};
  std::optional<ProgressWriter> progress_writer{};

  Progress progress{};
  MetricStore train_metrics{{.on_step = true, .on_epoch = false}};
  MetricStore eval_metrics{{.on_step = false, .on_epoch = true}};
  Metrics published{};  ///< the latest value of each metric of finished epochs and validations
  bool evaluating{false};
  bool sanity_checking{false};
  bool validated{false};  ///< since the last step boundary
  std::atomic<bool> stop{false};

  Module* module{nullptr};
  DataModule* data{nullptr};
  Optimizers optimizers{};
  std::unique_ptr<Runner> train{};
  std::unique_ptr<Runner> validate{};
  std::string run_id{};
  std::string resumed_from{};
  checkpoint::LoadReport report{};
  Pending pending{};

  [[nodiscard]] MetricStore& metrics() noexcept {
    return evaluating ? eval_metrics : train_metrics;
  }
};

/// A hook of every callback, in their order.
template <class... Parameters, class... Args>
void call_callbacks(Trainer& trainer, RunState& run,
                    void (Callback::*hook)(Trainer&, Module&, Parameters...), Args&... args) {
  for (const auto& callback : run.callbacks) ((*callback).*hook)(trainer, *run.module, args...);
}

}  // namespace cairn::detail
