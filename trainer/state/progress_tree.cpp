#include "trainer/state/progress_tree.hpp"

#include <algorithm>

namespace cairn::detail {

using checkpoint::Dict;
using checkpoint::Value;

namespace {

// Lightning's trackers: _ReadyCompletedTracker, _StartedTracker, _ProcessedTracker, in the order of
// dataclasses.asdict.
Dict ready_completed(std::int64_t ready, std::int64_t completed) {
  return {{"ready", ready}, {"completed", completed}};
}
Dict started(std::int64_t count) {
  return {{"ready", count}, {"completed", count}, {"started", count}};
}
Dict processed(std::int64_t ready, std::int64_t done, std::int64_t completed) {
  return {{"ready", ready}, {"completed", completed}, {"started", ready}, {"processed", done}};
}
Dict both(Dict total, Dict current) {
  return {{"total", std::move(total)}, {"current", std::move(current)}};
}
Dict batches(Dict total, Dict current, bool is_last) {
  return {{"total", std::move(total)}, {"current", std::move(current)}, {"is_last_batch", is_last}};
}
Dict idle_batches() {
  return batches(processed(0, 0, 0), processed(0, 0, 0), false);
}

Dict optimizer_progress(const Progress& p) {
  return {{"optimizer", Dict{{"step", both(ready_completed(p.global_step, p.global_step),
                                           ready_completed(p.epoch_steps, p.epoch_steps))},
                             {"zero_grad", both(started(p.global_step), started(p.epoch_steps))}}}};
}

Dict fit_loop(const Progress& run) {
  Progress p = run;
  // An epoch that is done is the next one's beginning: from Lightning's own end-of-epoch form a
  // Trainer with max_steps and without validation trains on a sixth batch of five.
  if (p.epoch_done) p.begin_epoch(p.epoch + 1);
  const bool mid_epoch = p.batch > 0;
  // What is "completed" lags by one: Lightning saves from within the hook that ends the batch, and
  // its restart counts on it.
  const std::int64_t lag = mid_epoch ? 1 : 0;
  const std::int64_t epochs = p.epoch + lag;
  return {
      {"state_dict", Dict{}},
      {"epoch_loop.state_dict", Dict{{"_batches_that_stepped", p.global_step - lag}}},
      {"epoch_loop.batch_progress",
       batches(processed(p.total_batches, p.total_batches, p.total_batches - lag),
               processed(p.batch, p.batch, p.batch - lag), false)},
      {"epoch_loop.scheduler_progress",
       both(ready_completed(p.scheduler_steps, p.scheduler_steps),
            ready_completed(p.epoch_scheduler_steps, p.epoch_scheduler_steps))},
      {"epoch_loop.automatic_optimization.state_dict", Dict{}},
      {"epoch_loop.automatic_optimization.optim_progress", optimizer_progress(p)},
      {"epoch_loop.manual_optimization.state_dict", Dict{}},
      {"epoch_loop.manual_optimization.optim_step_progress",
       both(ready_completed(0, 0), ready_completed(0, 0))},
      {"epoch_loop.val_loop.state_dict", Dict{}},
      {"epoch_loop.val_loop.batch_progress",
       batches(processed(p.val_batches, p.val_batches, p.val_batches),
               processed(p.last_val_batches, p.last_val_batches, p.last_val_batches),
               p.last_val_batches > 0)},
      {"epoch_progress",
       both(processed(epochs, p.epoch, p.epoch), processed(epochs, p.epoch, p.epoch))},
  };
}

}  // namespace

void Progress::begin_epoch(std::int64_t number) {
  epoch = number;
  batch = 0;
  epoch_done = false;
  epoch_steps = 0;
  epoch_scheduler_steps = 0;
  val_batches = 0;
}

Value loops_tree(const Progress& progress) {
  const auto evaluation = [] {
    return Dict{{"state_dict", Dict{}}, {"batch_progress", idle_batches()}};
  };
  return Dict{
      {"fit_loop", fit_loop(progress)},
      {"validate_loop", evaluation()},
      {"test_loop", evaluation()},
      {"predict_loop", Dict{{"state_dict", Dict{}},
                            {"batch_progress", both(processed(0, 0, 0), processed(0, 0, 0))}}}};
}

Progress progress_from_loops(const Value& loops) {
  const Value& fit = loops.at("fit_loop");
  const Value& epoch = fit.at("epoch_progress").at("current");
  const Value& batch = fit.at("epoch_loop.batch_progress");
  const Value& step =
      fit.at("epoch_loop.automatic_optimization.optim_progress").at("optimizer").at("step");
  Progress progress;
  const std::int64_t ready = epoch.at("ready").as_int();
  progress.epoch = std::max<std::int64_t>(ready - 1, 0);
  progress.batch = batch.at("current").at("ready").as_int();
  progress.epoch_done =
      ready > 0 && (batch.at("is_last_batch").as_bool() || epoch.at("processed").as_int() == ready);
  progress.global_step = step.at("total").at("completed").as_int();
  progress.epoch_steps = step.at("current").at("completed").as_int();
  progress.total_batches = batch.at("total").at("ready").as_int();
  if (fit.contains("epoch_loop.scheduler_progress")) {
    const Value& schedulers = fit.at("epoch_loop.scheduler_progress");
    progress.scheduler_steps = schedulers.at("total").at("completed").as_int();
    progress.epoch_scheduler_steps = schedulers.at("current").at("completed").as_int();
  }
  return progress;
}

Value to_value(const Progress& p) {
  return Dict{{"epoch", p.epoch},
              {"batch", p.batch},
              {"epoch_done", p.epoch_done},
              {"global_step", p.global_step},
              {"epoch_steps", p.epoch_steps},
              {"total_batches", p.total_batches},
              {"scheduler_steps", p.scheduler_steps},
              {"epoch_scheduler_steps", p.epoch_scheduler_steps},
              {"val_batches", p.val_batches},
              {"last_val_batches", p.last_val_batches}};
}

Progress progress_from_value(const Value& value) {
  const auto number = [&](const char* key) { return value.at(key).as_int(); };
  return {.epoch = number("epoch"),
          .batch = number("batch"),
          .epoch_done = value.at("epoch_done").as_bool(),
          .global_step = number("global_step"),
          .epoch_steps = number("epoch_steps"),
          .total_batches = number("total_batches"),
          .scheduler_steps = number("scheduler_steps"),
          .epoch_scheduler_steps = number("epoch_scheduler_steps"),
          .val_batches = number("val_batches"),
          .last_val_batches = number("last_val_batches")};
}

}  // namespace cairn::detail
