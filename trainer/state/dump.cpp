#include "trainer/state/dump.hpp"

#include <torch/optim/optimizer.h>

#include "trainer/schedulers.hpp"
#include "trainer/state/rng.hpp"

namespace cairn::detail {
namespace {

using checkpoint::Dict;
using checkpoint::List;
using checkpoint::Value;

// The schema that the file follows, for Lightning's migrations. It needs a version of its own, not
// ours.
constexpr const char* lightning_version = "2.6.1";

Dict callback_states(const RunState& run) {
  Dict states;
  for (const auto& callback : run.callbacks) {
    if (Value state = callback->state_dict(); !state.is_none())
      states[Value(callback->state_key())] = std::move(state);
  }
  return states;
}

List optimizer_states(const RunState& run) {
  if (!run.optimizers.optimizer) return {};
  Value state = checkpoint::state_dict(*run.optimizers.optimizer);
  if (!run.optimizers.schedulers.empty()) {
    // Python's schedulers put it into the groups, and want it back.
    const auto& rates = run.optimizers.schedulers.front().scheduler->base_lrs();
    List& groups = state["param_groups"].as_list();
    for (std::size_t i = 0; i < groups.size() && i < rates.size(); ++i)
      groups.items()[i]["initial_lr"] = rates[i];
  }
  return {std::move(state)};
}

List scheduler_states(const RunState& run) {
  List states;
  for (const SchedulerConfig& config : run.optimizers.schedulers)
    states.push_back(config.scheduler->state_dict());
  return states;
}

void add_hparams(Dict& root, const char* prefix, const Dict& hparams) {
  if (hparams.size() == 0) return;
  root[Value(std::string(prefix) + "hparams_name")] = "kwargs";
  root[Value(std::string(prefix) + "hyper_parameters")] = hparams;
}

// What Lightning has no place for: all that makes the resumed run the same run.
Dict exact_state(const RunState& run) {
  const Cursor cursor = run.progress.cursor();
  Dict state{{"version", 1},
             {"run_id", run.run_id},
             {"cursor", Dict{{"epoch", cursor.epoch}, {"batch", cursor.batch}}},
             {"progress", to_value(run.progress)},
             {"rng", rng_state(run.device)},
             {"metrics", to_value(run.published)},
             {"train_metrics", run.train_metrics.state()}};
  if (run.train) state["loader"] = run.train->state();
  return state;
}

}  // namespace

Checkpoint dump_checkpoint(Trainer& trainer, RunState& run, bool weights_only) {
  Checkpoint checkpoint;
  Dict& root = checkpoint.root();
  root["epoch"] = run.progress.epoch;
  root["global_step"] = run.progress.global_step;
  root["pytorch-lightning_version"] = lightning_version;
  checkpoint.set_state_dict(run.module->state_dict());
  root["loops"] = loops_tree(run.progress);
  if (!weights_only) {
    root["callbacks"] = callback_states(run);
    root["optimizer_states"] = optimizer_states(run);
    root["lr_schedulers"] = scheduler_states(run);
  }
  add_hparams(root, "", run.module->hparams());
  if (run.data != nullptr) {
    add_hparams(root, "datamodule_", run.data->hparams());
    if (Value state = run.data->state_dict(); !state.is_none())
      root[Value(run.data->state_key())] = std::move(state);
  }
  if (!weights_only) {
    root["cairn"] = exact_state(run);
    for (const auto& callback : run.callbacks)
      callback->on_save_checkpoint(trainer, *run.module, checkpoint);
  }
  if (run.data != nullptr) run.data->on_save_checkpoint(checkpoint);
  run.module->on_save_checkpoint(checkpoint);
  return checkpoint;
}

}  // namespace cairn::detail
