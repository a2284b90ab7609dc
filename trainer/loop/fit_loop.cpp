#include "trainer/loop/fit_loop.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>

#include <torch/optim/optimizer.h>

#include "trainer/loop/evaluation_loop.hpp"
#include "trainer/schedulers.hpp"
#include "trainer/state/rng.hpp"

namespace cairn::detail {

bool FitLoop::out_of_steps() const {
  const auto& limit = run_.options.max_steps;
  return limit && *limit >= 0 && run_.progress.global_step >= *limit;
}

bool FitLoop::out_of_epochs(std::int64_t next_epoch) const {
  const bool by_steps = run_.options.max_steps && *run_.options.max_steps >= 0;
  const std::int64_t limit = run_.options.max_epochs.value_or(by_steps ? -1 : 1000);
  return limit >= 0 && next_epoch >= limit;
}

bool FitLoop::done() const {
  return run_.stop || out_of_steps() || out_of_epochs(run_.progress.cursor().epoch);
}

void FitLoop::run() {
  sanity_check();
  if (done()) return;
  start_data();
  call_callbacks(trainer_, run_, &Callback::on_train_start);
  run_.module->on_train_start();
  // The last word before the first step: what hooks drew on the way here is not part of the run's
  // sequence.
  if (run_.pending.rng) set_rng_state(*run_.pending.rng, run_.device);
  run_.pending = {};
  while (!done()) {
    run_epoch();
    if (run_.progress.epoch_done) run_.progress.begin_epoch(run_.progress.epoch + 1);
  }
  call_callbacks(trainer_, run_, &Callback::on_train_end);
  run_.module->on_train_end();
}

void FitLoop::make_validation() {
  run_.validate = job_.validate();
  run_.validate->default_seed(run_.options.seed.value_or(0));
}

void FitLoop::sanity_check() {
  if (!job_.validate) return;
  const std::int64_t steps = run_.options.num_sanity_val_steps;
  if (steps == 0 || !run_.resumed_from.empty()) {
    make_validation();
    return;
  }
  const IsolateRng isolate(run_.device);
  run_.sanity_checking = true;
  call_callbacks(trainer_, run_, &Callback::on_sanity_check_start);
  make_validation();
  const std::optional<std::int64_t> most =
      limited(run_.options.limit_val_batches, run_.validate->size());
  const std::int64_t limit = steps < 0 ? most.value_or(std::numeric_limits<std::int64_t>::max())
                                       : std::min(steps, most.value_or(steps));
  evaluate(trainer_, run_, *run_.validate, {.limit = limit, .label = "Sanity check"});
  call_callbacks(trainer_, run_, &Callback::on_sanity_check_end);
  run_.progress.last_val_batches = 0;
  run_.eval_metrics.clear();
  run_.sanity_checking = false;
}

void FitLoop::start_data() {
  if (!job_.train) throw std::invalid_argument("fit: there is no train_loader()");
  run_.train = job_.train();
  run_.train->default_seed(run_.options.seed.value_or(0));
  if (run_.progress.epoch_done) run_.progress.begin_epoch(run_.progress.epoch + 1);
  if (run_.pending.loader) run_.train->restore(*run_.pending.loader);
  batches_ = limited(run_.options.limit_train_batches, run_.train->size());
  if (batches_ == 0)
    throw std::invalid_argument(
        "fit: the training loader has no batches, or limit_train_batches leaves none");
  const Limit& interval = run_.options.val_check_interval;
  if (interval.batches) {
    validate_every_ = *interval.batches;
  } else if (interval.share < 1.0) {
    if (!batches_)
      throw std::invalid_argument(
          "fit: val_check_interval is a share of an epoch whose length is not known; give batches");
    validate_every_ = std::max<std::int64_t>(
        1, static_cast<std::int64_t>(static_cast<double>(*batches_) * interval.share));
  }
}

void FitLoop::run_epoch() {
  Progress& progress = run_.progress;
  resumed_mid_epoch_ = progress.batch > 0;
  run_.train->seek(progress.epoch, progress.batch);
  epoch_begin_ = std::chrono::steady_clock::now();
  shown_ = {.label = "Epoch " + std::to_string(progress.epoch),
            .done = progress.batch,
            .total = batches_,
            .done_before = progress.batch};
  if (!resumed_mid_epoch_) {
    call_callbacks(trainer_, run_, &Callback::on_train_epoch_start);
    run_.module->on_train_epoch_start();
  }
  while (run_.train->fetch(run_.device)) {
    const bool last = (batches_ && progress.batch + 1 >= *batches_) || run_.train->is_last();
    const std::int64_t steps_before = progress.global_step;
    train_batch(last);
    validate_if_due(last);
    if (last) end_epoch();
    const bool stepped = progress.global_step != steps_before;
    if (stepped) boundary(last);
    show_progress(last);
    if (last || (stepped && done())) return;
  }
  throw std::runtime_error(
      "fit: the training loader ended after " + std::to_string(progress.batch) +
      " batches of epoch " + std::to_string(progress.epoch) +
      (batches_ ? ", where " + std::to_string(*batches_) + " were expected" : std::string()));
}

void FitLoop::train_batch(bool last) {
  Progress& progress = run_.progress;
  std::int64_t batch = progress.batch;
  call_callbacks(trainer_, run_, &Callback::on_train_batch_start, batch);
  run_.module->on_train_batch_start(batch);
  Step step(run_.train_metrics);
  step.epoch = progress.epoch;
  step.batch_idx = batch;
  step.global_step = progress.global_step;
  run_.train_metrics.weight(run_.train->batch_size());
  at::Tensor loss;
  const bool stepping = last || (batch + 1) % run_.options.accumulate_grad_batches == 0;
  if (stepping) {
    optimizer_step(step, loss, last);
  } else {
    loss = backward(step, false);
  }
  call_callbacks(trainer_, run_, &Callback::on_train_batch_end, loss, batch);
  run_.module->on_train_batch_end(loss, batch);
  ++progress.batch;
  ++progress.total_batches;
  if (stepping) log_step();
}

// Forward and backward of one batch; with the hooks and the clipping that come right before the
// optimizer's step.
at::Tensor FitLoop::backward(Step& step, bool stepping) {
  const std::int64_t parts = run_.options.accumulate_grad_batches;
  torch::optim::Optimizer* optimizer = run_.optimizers.optimizer.get();
  at::Tensor loss = run_.train->step(step);
  if (optimizer == nullptr) return loss;
  if (!loss.defined())
    throw std::invalid_argument("training_step returned an undefined tensor, not a loss");
  const at::Tensor scaled = parts == 1 ? loss : loss / parts;
  if (step.batch_idx % parts == 0) {
    call_callbacks(trainer_, run_, &Callback::on_before_zero_grad, *optimizer);
    run_.module->on_before_zero_grad(*optimizer);
    run_.module->optimizer_zero_grad(*optimizer);
  }
  call_callbacks(trainer_, run_, &Callback::on_before_backward, scaled);
  run_.module->on_before_backward(scaled);
  run_.module->backward(scaled);
  call_callbacks(trainer_, run_, &Callback::on_after_backward);
  run_.module->on_after_backward();
  if (stepping) {
    call_callbacks(trainer_, run_, &Callback::on_before_optimizer_step, *optimizer);
    run_.module->on_before_optimizer_step(*optimizer);
    run_.module->configure_gradient_clipping(*optimizer, run_.options.gradient_clip_val);
  }
  return loss.detach();
}

void FitLoop::optimizer_step(Step& step, at::Tensor& loss, bool last) {
  Progress& progress = run_.progress;
  if (run_.optimizers.optimizer) {
    run_.module->optimizer_step(*run_.optimizers.optimizer,
                                [&] { return loss = backward(step, true); });
  } else {
    loss = backward(step, true);
  }
  ++progress.global_step;
  ++progress.epoch_steps;
  step_schedulers(Interval::step, progress.global_step);
  if (last) step_schedulers(Interval::epoch, progress.epoch + 1);
}

void FitLoop::step_schedulers(Interval interval, std::int64_t count) {
  for (const SchedulerConfig& config : run_.optimizers.schedulers) {
    if (config.interval != interval || count % config.frequency != 0) continue;
    run_.module->lr_scheduler_step(*config.scheduler);
    ++run_.progress.scheduler_steps;
    ++run_.progress.epoch_scheduler_steps;
  }
}

void FitLoop::validate_if_due(bool last) {
  Progress& progress = run_.progress;
  if (!run_.validate || (progress.epoch + 1) % run_.options.check_val_every_n_epoch != 0) return;
  if (validate_every_ > 0 ? progress.batch % validate_every_ != 0 : !last) return;
  if (limited(run_.options.limit_val_batches, run_.validate->size()) == 0) return;
  run_.module->on_validation_model_zero_grad();
  evaluate(trainer_, run_, *run_.validate, {.limit = run_.options.limit_val_batches});
  progress.val_batches += progress.last_val_batches;
  run_.validated = true;
}

void FitLoop::end_epoch() {
  const auto call = [&](bool checkpoint) {
    for (const auto& callback : run_.callbacks) {
      if (callback->is_checkpoint() == checkpoint)
        callback->on_train_epoch_end(trainer_, *run_.module);
    }
  };
  // The means are there for the first hook, and again for the last: the module's hook may have
  // logged more.
  Metrics means;
  const auto publish = [&] {
    means = run_.train_metrics.epoch_values();
    for (const auto& [name, value] : means) run_.published[name] = value;
  };
  publish();
  call(false);
  run_.module->on_train_epoch_end();
  publish();
  call(true);
  const Metrics logged = run_.train_metrics.for_logger(means);
  for (const auto& logger : run_.loggers)
    logger->log_metrics(logged, run_.progress.epoch, run_.progress.global_step);
  run_.train_metrics.end_epoch();
  run_.progress.epoch_done = true;
}

void FitLoop::boundary(bool epoch_end) {
  const StepBoundary boundary{.validated = run_.validated, .epoch_end = epoch_end, .last = done()};
  run_.validated = false;
  call_callbacks(trainer_, run_, &Callback::on_step_boundary, boundary);
}

void FitLoop::log_step() {
  if (run_.loggers.empty() || run_.progress.global_step % run_.options.log_every_n_steps != 0)
    return;
  const Metrics values = run_.train_metrics.for_logger(run_.train_metrics.step_values());
  for (const auto& logger : run_.loggers)
    logger->log_metrics(values, run_.progress.epoch, run_.progress.global_step);
}

void FitLoop::show_progress(bool final) {
  if (!run_.progress_writer) return;
  const auto now = std::chrono::steady_clock::now();
  if (!final && !run_.progress_writer->due(now)) return;
  shown_.done = run_.progress.batch;
  shown_.seconds = std::chrono::duration<double>(now - epoch_begin_).count();
  shown_.metrics = run_.train_metrics.progress_bar_values();
  if (final)
    run_.progress_writer->finish(shown_, now);
  else
    run_.progress_writer->show(shown_, now);
}

}  // namespace cairn::detail
