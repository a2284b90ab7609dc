#include "trainer/loop/evaluation_loop.hpp"

#include <chrono>

#include <ATen/core/grad_mode.h>

namespace cairn::detail {
namespace {

// The hooks of a stage, in the order in which they are called.
struct EvaluationHooks {
  using ForCallback = void (Callback::*)(Trainer&, Module&);
  using ForModule = void (Module::*)();
  struct Pair {
    ForCallback callback;
    ForModule module;
  };
  struct BatchPair {
    void (Callback::*callback)(Trainer&, Module&, std::int64_t);
    void (Module::*module)(std::int64_t);
  };
  Pair start, epoch_start;
  BatchPair batch_start, batch_end;
  Pair epoch_end, end;
};

constexpr EvaluationHooks validation_hooks{
    .start = {&Callback::on_validation_start, &Module::on_validation_start},
    .epoch_start = {&Callback::on_validation_epoch_start, &Module::on_validation_epoch_start},
    .batch_start = {&Callback::on_validation_batch_start, &Module::on_validation_batch_start},
    .batch_end = {&Callback::on_validation_batch_end, &Module::on_validation_batch_end},
    .epoch_end = {&Callback::on_validation_epoch_end, &Module::on_validation_epoch_end},
    .end = {&Callback::on_validation_end, &Module::on_validation_end},
};
constexpr EvaluationHooks test_hooks{
    .start = {&Callback::on_test_start, &Module::on_test_start},
    .epoch_start = {&Callback::on_test_epoch_start, &Module::on_test_epoch_start},
    .batch_start = {&Callback::on_test_batch_start, &Module::on_test_batch_start},
    .batch_end = {&Callback::on_test_batch_end, &Module::on_test_batch_end},
    .epoch_end = {&Callback::on_test_epoch_end, &Module::on_test_epoch_end},
    .end = {&Callback::on_test_end, &Module::on_test_end},
};

void call(Trainer& trainer, RunState& run, const EvaluationHooks::Pair& hook) {
  call_callbacks(trainer, run, hook.callback);
  (run.module->*hook.module)();
}

void call(Trainer& trainer, RunState& run, const EvaluationHooks::BatchPair& hook,
          std::int64_t batch) {
  call_callbacks(trainer, run, hook.callback, batch);
  (run.module->*hook.module)(batch);
}

/// Whatever happens, log() goes to the training metrics again.
class Evaluating {
 public:
  explicit Evaluating(RunState& run) : run_(run) {
    run_.eval_metrics.clear();
    run_.evaluating = true;
  }
  ~Evaluating() { run_.evaluating = false; }
  Evaluating(const Evaluating&) = delete;
  Evaluating& operator=(const Evaluating&) = delete;

 private:
  RunState& run_;
};

double seconds_since(ProgressWriter::TimePoint begin, ProgressWriter::TimePoint now) {
  return std::chrono::duration<double>(now - begin).count();
}

std::int64_t run_batches(Trainer& trainer, RunState& run, Runner& runner,
                         const EvaluationHooks& hooks, const EvaluationOptions& options) {
  const std::optional<std::int64_t> total = limited(options.limit, runner.size());
  const auto begin = std::chrono::steady_clock::now();
  ProgressState shown{.label = options.label, .total = total};
  Step step(run.eval_metrics);
  step.epoch = run.progress.epoch;
  step.global_step = run.progress.global_step;
  runner.seek(0, 0);
  std::int64_t batch = 0;
  for (; (!total || batch < *total) && runner.fetch(run.device); ++batch) {
    call(trainer, run, hooks.batch_start, batch);
    step.batch_idx = batch;
    run.eval_metrics.weight(runner.batch_size());
    runner.step(step);
    call(trainer, run, hooks.batch_end, batch);
    if (!run.progress_writer) continue;
    if (const auto now = std::chrono::steady_clock::now(); run.progress_writer->due(now)) {
      shown.done = batch + 1;
      shown.seconds = seconds_since(begin, now);
      run.progress_writer->show(shown, now);
    }
  }
  return batch;
}

}  // namespace

std::optional<std::int64_t> limited(const Limit& limit, std::optional<std::int64_t> size) {
  if (limit.batches) return size ? std::min(*limit.batches, *size) : *limit.batches;
  if (!size) return limit.share == 0.0 ? std::optional<std::int64_t>(0) : std::nullopt;
  return static_cast<std::int64_t>(static_cast<double>(*size) * limit.share);
}

Metrics evaluate(Trainer& trainer, RunState& run, Runner& runner,
                 const EvaluationOptions& options) {
  const EvaluationHooks& hooks = options.stage == Stage::test ? test_hooks : validation_hooks;
  const at::NoGradGuard no_grad;
  const Evaluating evaluating(run);
  run.module->remember_modes();
  run.module->on_validation_model_eval();
  call(trainer, run, hooks.start);
  call(trainer, run, hooks.epoch_start);
  run.progress.last_val_batches = run_batches(trainer, run, runner, hooks, options);
  Metrics metrics = run.eval_metrics.epoch_values();
  // Before the hooks that monitor: they see this pass's values. After them once more, for they may
  // log too.
  const auto publish = [&] {
    if (run.sanity_checking) return;
    metrics = run.eval_metrics.epoch_values();
    for (const auto& [name, value] : metrics) run.published[name] = value;
  };
  publish();
  call(trainer, run, hooks.epoch_end);
  publish();
  if (!run.sanity_checking) {
    for (const auto& logger : run.loggers)
      logger->log_metrics(run.eval_metrics.for_logger(metrics), run.progress.epoch,
                          run.progress.global_step);
  }
  call(trainer, run, hooks.end);
  run.module->on_validation_model_train();
  return metrics;
}

}  // namespace cairn::detail
