#include "trainer/trainer.hpp"

#include <algorithm>
#include <array>
#include <iostream>
#include <limits>
#include <random>
#include <set>
#include <stdexcept>
#include <utility>

#include <ATen/Context.h>

#include "checkpoint/checkpoint.hpp"
#include "trainer/checkpointing.hpp"
#include "trainer/loop/device.hpp"
#include "trainer/loop/evaluation_loop.hpp"
#include "trainer/loop/fit_loop.hpp"
#include "trainer/loop/run_state.hpp"
#include "trainer/state/dump.hpp"
#include "trainer/state/restore.hpp"
#include "vfs/file_system.hpp"

namespace cairn {

using detail::RunState;

struct Trainer::State : RunState {};

namespace {

void check(const TrainerOptions& options) {
  const auto need = [](bool holds, const char* message) {
    if (!holds) throw std::invalid_argument(std::string("TrainerOptions: ") + message);
  };
  need(options.max_epochs.value_or(0) >= -1, "max_epochs must be -1 (no limit), 0 or more");
  need(options.max_steps.value_or(0) >= -1, "max_steps must be -1 (no limit), 0 or more");
  need(options.accumulate_grad_batches >= 1, "accumulate_grad_batches must be at least 1");
  need(options.check_val_every_n_epoch >= 1, "check_val_every_n_epoch must be at least 1");
  need(options.log_every_n_steps >= 1, "log_every_n_steps must be at least 1");
  need(options.num_sanity_val_steps >= -1, "num_sanity_val_steps must be -1 (all), 0 or more");
  need(options.gradient_clip_val.value_or(1) > 0, "gradient_clip_val must be positive");
  need(options.val_check_interval.batches.value_or(1) >= 1,
       "val_check_interval must be at least one batch");
  for (const Limit& limit : {options.limit_train_batches, options.limit_val_batches,
                             options.limit_test_batches, options.val_check_interval}) {
    need(limit.batches.value_or(0) >= 0 && limit.share >= 0.0 && limit.share <= 1.0,
         "a limit is a number of batches or a share in [0, 1]");
  }
}

std::string random_id() {
  std::random_device random;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string id;
  for (int i = 0; i < 16; ++i) id += digits[random() % 16];
  return id;
}

/// The module and the data of one call.
class Attached {
 public:
  Attached(Trainer& trainer, RunState& run, const detail::Job& job) : run_(run) {
    run.module = &job.module;
    run.data = job.data;
    run.callbacks = run.own_callbacks;
    job.module.attach(&trainer);
  }
  ~Attached() { run_.module->attach(nullptr); }
  Attached(const Attached&) = delete;
  Attached& operator=(const Attached&) = delete;

 private:
  RunState& run_;
};

void add_module_callbacks(RunState& run) {
  for (auto& callback : run.module->configure_callbacks())
    run.callbacks.push_back(std::move(callback));
  std::stable_partition(run.callbacks.begin(), run.callbacks.end(),
                        [](const auto& callback) { return !callback->is_checkpoint(); });
  std::set<std::string> keys;
  for (const auto& callback : run.callbacks) {
    if (const std::string key = callback->state_key();
        !keys.insert(key).second && !callback->state_dict().is_none()) {
      throw std::invalid_argument("two callbacks have the state_key " + key +
                                  ": their states could not be told apart in a checkpoint");
    }
  }
}

void set_up(Trainer& trainer, RunState& run, Stage stage) {
  if (run.data != nullptr) run.data->prepare_data();
  run.module->prepare_data();
  if (run.data != nullptr) run.data->setup(stage);
  call_callbacks(trainer, run, &Callback::setup, stage);
  run.module->setup(stage);
  run.module->configure_model();
  if (!run.device.is_cpu()) run.module->to(run.device);
}

void tear_down(Trainer& trainer, RunState& run, Stage stage) {
  if (run.data != nullptr) run.data->teardown(stage);
  call_callbacks(trainer, run, &Callback::teardown, stage);
  run.module->teardown(stage);
}

void fail(Trainer& trainer, RunState& run, const std::exception& error) {
  call_callbacks(trainer, run, &Callback::on_exception, error);
  if (run.data != nullptr) run.data->on_exception(error);
  for (const auto& logger : run.loggers) {
    try {
      logger->finalize("failed");
    } catch (const std::exception& second) {
      std::cerr << "warning: the log could not be finished: " << second.what()
                << '\n';  // `error` is what the caller must see
    }
  }
}

template <class F>
auto guarded(Trainer& trainer, RunState& run, const F& work) {
  try {
    return work();
  } catch (const std::exception& error) {
    fail(trainer, run, error);
    throw;
  }
}

// Rows past `resumed_step` are dropped; absent: the log begins anew.
void start_loggers(RunState& run, std::optional<std::int64_t> resumed_step) {
  const LoggerStart start{.root_dir = run.options.default_root_dir,
                          .context = run.context,
                          .resumed_step = resumed_step,
                          .hparams = run.module->hparams()};
  for (const auto& logger : run.loggers) logger->start(start);
}

void reset(RunState& run) {
  run.progress = {};
  run.train_metrics.clear();
  run.eval_metrics.clear();
  run.published.clear();
  run.sanity_checking = false;
  run.validated = false;
  run.stop = false;
  run.optimizers = {};
  run.train.reset();
  run.validate.reset();
  run.run_id = random_id();
  run.resumed_from.clear();
  run.report = {};
  run.pending = {};
}

/// The file to go on from, with the modules restored; absent: a fresh run.
std::optional<Checkpoint> restore(Trainer& trainer, RunState& run, const FitOptions& options) {
  if (options.ckpt_path.empty()) return std::nullopt;
  const std::optional<std::string> url =
      detail::resolve_ckpt_path(run, trainer.checkpoint_callback(), options.ckpt_path);
  if (!url) {
    if (options.on_missing == OnMissing::fresh) return std::nullopt;
    const ModelCheckpoint* saver = trainer.checkpoint_callback();
    const std::string directory =
        saver != nullptr ? saver->dirpath() : run.options.default_root_dir + "/checkpoints";
    throw checkpoint::Error(checkpoint::ErrorCode::key,
                            "cannot resume from ckpt_path = \"" + options.ckpt_path +
                                "\": there is no " + directory + "/" + options.ckpt_path +
                                ".json; set on_missing = OnMissing::fresh to start anew");
  }
  Checkpoint file = detail::read_checkpoint(*url, run.context);
  run.resumed_from = *url;
  detail::about(*url, [&] { detail::restore_modules(trainer, run, file); });
  return file;
}

void check_epochs(const RunState& run) {
  const std::int64_t epoch = run.progress.cursor().epoch;
  const auto limit = run.options.max_epochs;
  if (!limit || *limit < 0 || epoch <= *limit) return;
  throw std::invalid_argument("cannot resume from " + run.resumed_from + ": it has " +
                              std::to_string(epoch) + " epochs behind it, and max_epochs is " +
                              std::to_string(*limit));
}

}  // namespace

Trainer::Trainer(TrainerOptions options) : state_(std::make_unique<State>()) {
  check(options);
  State& run = *state_;
  run.options = std::move(options);
  run.context = run.options.context ? run.options.context : vfs::Context::standard();
  (void)run.context->resolve(
      run.options.default_root_dir);  // a wrong URL now, not at the first save
  run.device = detail::select_device(run.options.accelerator);
  run.own_callbacks = run.options.callbacks;
  const bool has_saver =
      std::any_of(run.own_callbacks.begin(), run.own_callbacks.end(),
                  [](const auto& callback) { return callback->is_checkpoint(); });
  if (run.options.enable_checkpointing && !has_saver)
    run.own_callbacks.push_back(std::make_shared<ModelCheckpoint>());
  run.loggers = run.options.loggers
                    ? *run.options.loggers
                    : std::vector<std::shared_ptr<Logger>>{std::make_shared<CSVLogger>()};
  if (run.options.enable_progress_bar) run.progress_writer = ProgressWriter::standard();
  if (run.options.deterministic)
    at::globalContext().setDeterministicAlgorithms(true, /*warn_only=*/false);
  if (run.options.seed) seed_everything(*run.options.seed);
}

Trainer::~Trainer() = default;

FitResult Trainer::run_fit(const detail::Job& job, const FitOptions& options) {
  State& run = *state_;
  const Attached attached(*this, run, job);
  reset(run);
  guarded(*this, run, [&] {
    add_module_callbacks(run);
    set_up(*this, run, Stage::fit);
    std::optional<Checkpoint> file = restore(*this, run, options);
    run.optimizers = run.module->configure_optimizers();
    call_callbacks(*this, run, &Callback::on_fit_start);
    run.module->on_fit_start();
    if (file) detail::about(run.resumed_from, [&] { detail::restore_training(run, *file); });
    check_epochs(run);
    start_loggers(
        run, run.resumed_from.empty() ? std::nullopt : std::optional(run.progress.global_step));
    file.reset();  // its tensors need not stay in memory
    detail::FitLoop(*this, run, job).run();
    call_callbacks(*this, run, &Callback::on_fit_end);
    run.module->on_fit_end();
    tear_down(*this, run, Stage::fit);
    for (const auto& logger : run.loggers) logger->finalize("success");
  });
  return {.epochs = run.progress.cursor().epoch,
          .global_step = run.progress.global_step,
          .resumed_from = run.resumed_from,
          .report = run.report,
          .metrics = callback_metrics()};
}

Metrics Trainer::run_evaluation(const detail::Job& job, Stage stage,
                                const EvaluateOptions& options) {
  State& run = *state_;
  const Attached attached(*this, run, job);
  const detail::RunnerFactory& make = stage == Stage::validate ? job.validate : job.test;
  if (!make) {
    const std::string name = stage == Stage::validate ? "validation_step" : "test_step";
    throw std::invalid_argument("the module has no " + name + " for the batches of the loader");
  }
  return guarded(*this, run, [&] {
    add_module_callbacks(run);
    set_up(*this, run, stage);
    if (!options.ckpt_path.empty()) {
      const std::optional<std::string> url =
          detail::resolve_ckpt_path(run, checkpoint_callback(), options.ckpt_path);
      if (!url)
        throw checkpoint::Error(checkpoint::ErrorCode::key, "there is no checkpoint \"" +
                                                                options.ckpt_path + "\" below " +
                                                                run.options.default_root_dir);
      Checkpoint file = detail::read_checkpoint(*url, run.context);
      detail::about(*url, [&] { detail::restore_modules(*this, run, file); });
    }
    start_loggers(run, std::numeric_limits<std::int64_t>::max());  // adds to what training logged
    const std::unique_ptr<detail::Runner> runner = make();
    runner->default_seed(run.options.seed.value_or(0));
    const bool testing = stage == Stage::test;
    Metrics metrics = detail::evaluate(
        *this, run, *runner,
        {.stage = stage,
         .limit = testing ? run.options.limit_test_batches : run.options.limit_val_batches,
         .label = testing ? "Test" : "Validation"});
    tear_down(*this, run, stage);
    for (const auto& logger : run.loggers) logger->finalize("success");
    return metrics;
  });
}

const TrainerOptions& Trainer::options() const noexcept {
  return state_->options;
}
c10::Device Trainer::device() const noexcept {
  return state_->device;
}
std::int64_t Trainer::current_epoch() const noexcept {
  return state_->progress.epoch;
}
std::int64_t Trainer::global_step() const noexcept {
  return state_->progress.global_step;
}
bool Trainer::sanity_checking() const noexcept {
  return state_->sanity_checking;
}
void Trainer::request_stop() noexcept {
  state_->stop = true;
}
bool Trainer::should_stop() const noexcept {
  return state_->stop;
}
const std::string& Trainer::resumed_from() const noexcept {
  return state_->resumed_from;
}
const std::string& Trainer::run_id() const noexcept {
  return state_->run_id;
}
const std::shared_ptr<vfs::Context>& Trainer::context() const noexcept {
  return state_->context;
}

Metrics Trainer::callback_metrics() const {
  Metrics metrics = state_->published;
  for (const auto& [name, value] : state_->train_metrics.step_values()) metrics[name] = value;
  return metrics;
}

void Trainer::log(std::string_view name, const at::Tensor& value, const LogOptions& options) {
  state_->metrics().log(name, value,
                        {options.on_step.value_or(false), options.on_epoch.value_or(true),
                         options.prog_bar, options.logger});
}

void Trainer::log(std::string_view name, double value, const LogOptions& options) {
  state_->metrics().log(name, value,
                        {options.on_step.value_or(false), options.on_epoch.value_or(true),
                         options.prog_bar, options.logger});
}

vfs::WriteResult Trainer::save_checkpoint(std::string_view url,
                                          const SaveCheckpointOptions& options) {
  State& run = *state_;
  if (run.module == nullptr) throw std::logic_error("save_checkpoint: nothing was fitted yet");
  for (const auto& logger : run.loggers) logger->flush();  // the log is never behind a checkpoint
  const Checkpoint file = detail::dump_checkpoint(*this, run, options.weights_only);
  checkpoint::SaveOptions save;
  save.write.if_absent =
      options.create_only && run.context->resolve(url).file_system.capabilities().create_only;
  return checkpoint::save(url, file.root(), save, run.context);
}

ModelCheckpoint* Trainer::checkpoint_callback() const noexcept {
  for (const auto& callback :
       state_->callbacks.empty() ? state_->own_callbacks : state_->callbacks) {
    if (auto* saver = dynamic_cast<ModelCheckpoint*>(callback.get())) return saver;
  }
  return nullptr;
}

void seed_everything(std::uint64_t seed) {
  at::manual_seed(seed);
}

}  // namespace cairn
