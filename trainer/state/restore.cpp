#include "trainer/state/restore.hpp"

#include <algorithm>
#include <iostream>

#include "checkpoint/checkpoint.hpp"
#include "trainer/checkpointing.hpp"
#include "trainer/schedulers.hpp"
#include "vfs/url.hpp"

namespace cairn::detail {

using checkpoint::Error;
using checkpoint::ErrorCode;
using checkpoint::Value;

std::optional<std::string> resolve_ckpt_path(const RunState& run, const ModelCheckpoint* saver,
                                             const std::string& ckpt_path) {
  if (ckpt_path != "last" && ckpt_path != "best") return vfs::Url::parse(ckpt_path).string();
  std::string directory = saver != nullptr ? saver->dirpath() : std::string();
  if (directory.empty())
    directory = (vfs::Url::parse(run.options.default_root_dir) / "checkpoints").string();
  const bool by_time =
      ckpt_path == "last" || (saver != nullptr && saver->options().monitor.empty());
  const std::optional<std::string> url =
      resolve_pointer(directory, by_time ? "last" : "best", run.context);
  return url ? std::optional(vfs::Url::parse(*url).string()) : std::nullopt;
}

Checkpoint read_checkpoint(const std::string& url, const std::shared_ptr<vfs::Context>& context) {
  Value root = checkpoint::load(url, {}, context);
  if (root.kind() != checkpoint::Kind::dict || !root.contains("state_dict")) {
    throw Error(ErrorCode::unsupported, "cannot resume from " + url +
                                            ": it has no \"state_dict\", so it is no Trainer's "
                                            "checkpoint; checkpoint::load_state_dict takes "
                                            "weights alone");
  }
  return Checkpoint(root.as_dict());
}

void restore_modules(Trainer& trainer, RunState& run, Checkpoint& checkpoint) {
  run.module->on_load_checkpoint(checkpoint);
  run.report = run.module->load_state_dict(checkpoint.state_dict(), run.module->strict_loading());
  if (run.data != nullptr) {
    run.data->on_load_checkpoint(checkpoint);
    if (const std::string key = run.data->state_key(); checkpoint.contains(key))
      run.data->load_state_dict(checkpoint.at(key));
  }
  if (!checkpoint.contains("callbacks")) return;
  for (const auto& callback : run.callbacks)
    callback->on_load_checkpoint(trainer, *run.module, checkpoint);
  const Value& states = checkpoint.at("callbacks");
  for (const auto& callback : run.callbacks) {
    if (const Value* state = states.as_dict().find(Value(callback->state_key())))
      callback->load_state_dict(*state);
  }
  for (const auto& [key, state] : states.as_dict().items()) {
    const bool known = std::any_of(run.callbacks.begin(), run.callbacks.end(), [&](const auto& c) {
      return c->state_key() == key.as_string();
    });
    if (!known)
      std::cerr << "warning: the checkpoint has state of a callback that this Trainer lacks: "
                << key.as_string() << '\n';
  }
}

namespace {

void restore_optimizers(RunState& run, const Checkpoint& checkpoint) {
  if (!checkpoint.contains("optimizer_states")) {
    throw Error(ErrorCode::key,
                "it has weights only, and no state of optimizers; to start from its weights use "
                "load_weights()");
  }
  const auto states = checkpoint.at("optimizer_states").as_sequence();
  const std::size_t have = run.optimizers.optimizer ? 1 : 0;
  if (states.size() != have) {
    throw Error(ErrorCode::mismatch, "it has the state of " + std::to_string(states.size()) +
                                         " optimizers, the module has " + std::to_string(have));
  }
  if (have == 1) checkpoint::load_state_dict(*run.optimizers.optimizer, states[0]);
  const auto schedulers = checkpoint.contains("lr_schedulers")
                              ? checkpoint.at("lr_schedulers").as_sequence()
                              : std::span<const Value>{};
  if (schedulers.size() != run.optimizers.schedulers.size()) {
    throw Error(ErrorCode::mismatch, "it has the state of " + std::to_string(schedulers.size()) +
                                         " learning-rate schedulers, the module has " +
                                         std::to_string(run.optimizers.schedulers.size()));
  }
  for (std::size_t i = 0; i < schedulers.size(); ++i)
    run.optimizers.schedulers[i].scheduler->load_state_dict(schedulers[i]);
}

}  // namespace

void restore_training(RunState& run, const Checkpoint& checkpoint) {
  run.pending = {};
  if (checkpoint.contains("cairn")) {
    const Value& exact = checkpoint.at("cairn");
    if (const auto version = exact.at("version").as_int(); version != 1) {
      throw Error(ErrorCode::unsupported, "its \"cairn\" entry has version " +
                                              std::to_string(version) + ", this program reads 1");
    }
    run.progress = progress_from_value(exact.at("progress"));
    run.run_id = exact.at("run_id").as_string();
    run.published = metrics_from_value(exact.at("metrics"));
    run.train_metrics.restore(exact.at("train_metrics"));
    run.pending.rng = exact.at("rng");
    if (exact.contains("loader") && !exact.at("loader").is_none())
      run.pending.loader = exact.at("loader");
  } else {
    run.progress =
        checkpoint.contains("loops") ? progress_from_loops(checkpoint.at("loops")) : Progress{};
  }
  restore_optimizers(run, checkpoint);
}

}  // namespace cairn::detail
