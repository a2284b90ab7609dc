// The order of hooks, against traces taken of Lightning 2.6.6 (reference: README.md of trainer).
#include <stdexcept>

#include "tests/support/catch.hpp"
#include "tests/unit/trainer/tiny.hpp"
#include "trainer/callback.hpp"

namespace {

using Log = std::vector<std::string>;

struct Traced : tiny::Net {
  Log& log;
  explicit Traced(Log& lines) : log(lines) {}
  at::Tensor training_step(const cairn::Batch& batch, cairn::Step& step) {
    log.emplace_back("M.training_step");
    return tiny::Net::training_step(batch, step);
  }
  void validation_step(const cairn::Batch&, cairn::Step&) { log.emplace_back("M.validation_step"); }
  std::vector<std::shared_ptr<cairn::Callback>> configure_callbacks() override {
    log.emplace_back("M.configure_callbacks");
    return {};
  }
  void prepare_data() override { log.emplace_back("M.prepare_data"); }
  void setup(cairn::Stage stage) override {
    log.push_back("M.setup " + std::string(to_string(stage)));
  }
  void configure_model() override { log.emplace_back("M.configure_model"); }
  cairn::Optimizers configure_optimizers() override {
    log.emplace_back("M.configure_optimizers");
    return tiny::Net::configure_optimizers();
  }
  void optimizer_step(torch::optim::Optimizer& optimizer,
                      const std::function<at::Tensor()>& closure) override {
    log.emplace_back("M.optimizer_step");
    tiny::Net::optimizer_step(optimizer, closure);
  }
  void optimizer_zero_grad(torch::optim::Optimizer& o) override {
    log.emplace_back("M.optimizer_zero_grad");
    tiny::Net::optimizer_zero_grad(o);
  }
  void backward(const at::Tensor& loss) override {
    log.emplace_back("M.backward");
    tiny::Net::backward(loss);
  }
  void configure_gradient_clipping(torch::optim::Optimizer&, std::optional<double>) override {
    log.emplace_back("M.configure_gradient_clipping");
  }
  void lr_scheduler_step(cairn::LRScheduler& s) override {
    log.emplace_back("M.lr_scheduler_step");
    tiny::Net::lr_scheduler_step(s);
  }
  void on_fit_start() override { log.emplace_back("M.on_fit_start"); }
  void on_validation_model_eval() override { log.emplace_back("M.on_validation_model_eval"); }
  void on_validation_start() override { log.emplace_back("M.on_validation_start"); }
  void on_validation_epoch_start() override { log.emplace_back("M.on_validation_epoch_start"); }
  void on_validation_batch_start(std::int64_t) override {
    log.emplace_back("M.on_validation_batch_start");
  }
  void on_validation_batch_end(std::int64_t) override {
    log.emplace_back("M.on_validation_batch_end");
  }
  void on_validation_epoch_end() override { log.emplace_back("M.on_validation_epoch_end"); }
  void on_validation_end() override { log.emplace_back("M.on_validation_end"); }
  void on_validation_model_train() override { log.emplace_back("M.on_validation_model_train"); }
  void on_validation_model_zero_grad() override {
    log.emplace_back("M.on_validation_model_zero_grad");
  }
  void on_train_start() override { log.emplace_back("M.on_train_start"); }
  void on_train_epoch_start() override { log.emplace_back("M.on_train_epoch_start"); }
  void on_train_batch_start(std::int64_t) override { log.emplace_back("M.on_train_batch_start"); }
  void on_before_zero_grad(torch::optim::Optimizer&) override {
    log.emplace_back("M.on_before_zero_grad");
  }
  void on_before_backward(const at::Tensor&) override { log.emplace_back("M.on_before_backward"); }
  void on_after_backward() override { log.emplace_back("M.on_after_backward"); }
  void on_before_optimizer_step(torch::optim::Optimizer&) override {
    log.emplace_back("M.on_before_optimizer_step");
  }
  void on_train_batch_end(const at::Tensor&, std::int64_t) override {
    log.emplace_back("M.on_train_batch_end");
  }
  void on_train_epoch_end() override { log.emplace_back("M.on_train_epoch_end"); }
  void on_train_end() override { log.emplace_back("M.on_train_end"); }
  void on_fit_end() override { log.emplace_back("M.on_fit_end"); }
  void teardown(cairn::Stage) override { log.emplace_back("M.teardown"); }
  cairn::checkpoint::StateDict state_dict() const override {
    log.emplace_back("M.state_dict");
    return tiny::Net::state_dict();
  }
  cairn::checkpoint::LoadReport load_state_dict(const cairn::checkpoint::StateDict& s,
                                                bool strict) override {
    log.emplace_back("M.load_state_dict");
    return tiny::Net::load_state_dict(s, strict);
  }
  void on_save_checkpoint(cairn::Checkpoint&) override { log.emplace_back("M.on_save_checkpoint"); }
  void on_load_checkpoint(cairn::Checkpoint&) override { log.emplace_back("M.on_load_checkpoint"); }
};

struct TracedCallback : cairn::Callback {
  using T = cairn::Trainer;
  using M = cairn::Module;
  Log& log;
  explicit TracedCallback(Log& lines) : log(lines) {}
  cairn::checkpoint::Value state_dict() const override {
    log.emplace_back("C.state_dict");
    return 1;
  }
  void load_state_dict(const cairn::checkpoint::Value&) override {
    log.emplace_back("C.load_state_dict");
  }
  void on_save_checkpoint(T&, M&, cairn::Checkpoint&) override {
    log.emplace_back("C.on_save_checkpoint");
  }
  void on_load_checkpoint(T&, M&, cairn::Checkpoint&) override {
    log.emplace_back("C.on_load_checkpoint");
  }
  void setup(T&, M&, cairn::Stage) override { log.emplace_back("C.setup"); }
  void on_fit_start(T&, M&) override { log.emplace_back("C.on_fit_start"); }
  void on_sanity_check_start(T&, M&) override { log.emplace_back("C.on_sanity_check_start"); }
  void on_sanity_check_end(T&, M&) override { log.emplace_back("C.on_sanity_check_end"); }
  void on_validation_start(T&, M&) override { log.emplace_back("C.on_validation_start"); }
  void on_validation_epoch_start(T&, M&) override {
    log.emplace_back("C.on_validation_epoch_start");
  }
  void on_validation_batch_start(T&, M&, std::int64_t) override {
    log.emplace_back("C.on_validation_batch_start");
  }
  void on_validation_batch_end(T&, M&, std::int64_t) override {
    log.emplace_back("C.on_validation_batch_end");
  }
  void on_validation_epoch_end(T&, M&) override { log.emplace_back("C.on_validation_epoch_end"); }
  void on_validation_end(T&, M&) override { log.emplace_back("C.on_validation_end"); }
  void on_train_start(T&, M&) override { log.emplace_back("C.on_train_start"); }
  void on_train_epoch_start(T&, M&) override { log.emplace_back("C.on_train_epoch_start"); }
  void on_train_batch_start(T&, M&, std::int64_t) override {
    log.emplace_back("C.on_train_batch_start");
  }
  void on_before_zero_grad(T&, M&, torch::optim::Optimizer&) override {
    log.emplace_back("C.on_before_zero_grad");
  }
  void on_before_backward(T&, M&, const at::Tensor&) override {
    log.emplace_back("C.on_before_backward");
  }
  void on_after_backward(T&, M&) override { log.emplace_back("C.on_after_backward"); }
  void on_before_optimizer_step(T&, M&, torch::optim::Optimizer&) override {
    log.emplace_back("C.on_before_optimizer_step");
  }
  void on_train_batch_end(T&, M&, const at::Tensor&, std::int64_t) override {
    log.emplace_back("C.on_train_batch_end");
  }
  void on_train_epoch_end(T&, M&) override { log.emplace_back("C.on_train_epoch_end"); }
  void on_step_boundary(T&, M&, const cairn::StepBoundary&) override {
    log.emplace_back("C.on_step_boundary");
  }
  void on_train_end(T&, M&) override { log.emplace_back("C.on_train_end"); }
  void on_fit_end(T&, M&) override { log.emplace_back("C.on_fit_end"); }
  void on_exception(T&, M&, const std::exception&) override { log.emplace_back("C.on_exception"); }
  void teardown(T&, M&, cairn::Stage) override { log.emplace_back("C.teardown"); }
};

struct TracedData : cairn::DataModule {
  Log& log;
  explicit TracedData(Log& lines) : log(lines) {}
  void prepare_data() override { log.emplace_back("D.prepare_data"); }
  void setup(cairn::Stage) override { log.emplace_back("D.setup"); }
  void teardown(cairn::Stage) override { log.emplace_back("D.teardown"); }
  void on_exception(const std::exception&) override { log.emplace_back("D.on_exception"); }
  cairn::checkpoint::Value state_dict() const override {
    log.emplace_back("D.state_dict");
    return 1;
  }
  void load_state_dict(const cairn::checkpoint::Value&) override {
    log.emplace_back("D.load_state_dict");
  }
  cairn::Batch on_before_batch_transfer(cairn::Batch batch) {
    log.emplace_back("D.on_before_batch_transfer");
    return batch;
  }
  cairn::Batch transfer_batch_to_device(cairn::Batch batch, c10::Device) {
    log.emplace_back("D.transfer_batch_to_device");
    return batch;
  }
  cairn::Batch on_after_batch_transfer(cairn::Batch batch) {
    log.emplace_back("D.on_after_batch_transfer");
    return batch;
  }
  cairn::Loader<tiny::Points> train_loader() {
    log.emplace_back("D.train_loader");
    return cairn::Loader(tiny::Points{.count = 4}, {.batch_size = 2});
  }
  cairn::Loader<tiny::Points> val_loader() {
    log.emplace_back("D.val_loader");
    return cairn::Loader(tiny::Points{.count = 2}, {.batch_size = 2});
  }
};

void append(Log& log, std::initializer_list<Log> parts) {
  for (const Log& part : parts) log.insert(log.end(), part.begin(), part.end());
}

Log both(const std::string& hook) {
  return {"C." + hook, "M." + hook};
}
const Log transfer{"D.on_before_batch_transfer", "D.transfer_batch_to_device",
                   "D.on_after_batch_transfer"};

Log validation(bool make_loader) {
  Log log;
  if (make_loader) log.emplace_back("D.val_loader");
  append(log, {{"M.on_validation_model_eval"},
               both("on_validation_start"),
               both("on_validation_epoch_start"),
               transfer,
               both("on_validation_batch_start"),
               {"M.validation_step"},
               both("on_validation_batch_end"),
               both("on_validation_epoch_end"),
               both("on_validation_end"),
               {"M.on_validation_model_train"}});
  return log;
}

}  // namespace

TEST_CASE("fit calls the hooks in Lightning's order", "[hooks]") {
  Log log;
  Traced net(log);
  TracedData data(log);
  auto options = tiny::options(cairn::vfs::Context::make());
  options.max_epochs = 1;
  options.accumulate_grad_batches = 2;
  options.num_sanity_val_steps = 1;
  options.enable_checkpointing = false;
  options.callbacks = {std::make_shared<TracedCallback>(log)};
  cairn::Trainer trainer(options);
  log.clear();

  trainer.fit(net, data);

  Log expected{
      "M.configure_callbacks", "D.prepare_data",    "M.prepare_data",        "D.setup", "C.setup",
      "M.setup fit",           "M.configure_model", "M.configure_optimizers"};
  append(expected, {both("on_fit_start"),
                    {"C.on_sanity_check_start"},
                    validation(true),
                    {"C.on_sanity_check_end", "D.train_loader"},
                    both("on_train_start"),
                    both("on_train_epoch_start")});
  append(expected, {transfer,
                    both("on_train_batch_start"),
                    {"M.training_step"},
                    both("on_before_zero_grad"),
                    {"M.optimizer_zero_grad"},
                    both("on_before_backward"),
                    {"M.backward"},
                    both("on_after_backward"),
                    both("on_train_batch_end")});
  append(expected, {transfer,
                    both("on_train_batch_start"),
                    {"M.optimizer_step", "M.training_step"},
                    both("on_before_backward"),
                    {"M.backward"},
                    both("on_after_backward"),
                    both("on_before_optimizer_step"),
                    {"M.configure_gradient_clipping", "M.lr_scheduler_step", "M.lr_scheduler_step"},
                    both("on_train_batch_end")});
  append(expected, {{"M.on_validation_model_zero_grad"},
                    validation(false),
                    both("on_train_epoch_end"),
                    {"C.on_step_boundary"},
                    both("on_train_end"),
                    both("on_fit_end"),
                    {"D.teardown", "C.teardown", "M.teardown"}});
  std::erase(
      log,
      "C.state_dict");  // asked when the trainer looks for callbacks that could not be told apart
  CHECK(log == expected);
}

TEST_CASE("saving and restoring call the hooks in Lightning's order", "[hooks]") {
  const auto context = cairn::vfs::Context::make();
  Log log;
  Traced net(log);
  TracedData data(log);
  auto options = tiny::options(context);
  options.max_epochs = 1;
  options.callbacks = {std::make_shared<TracedCallback>(log)};
  options.enable_checkpointing = false;
  cairn::Trainer trainer(options);
  trainer.fit(net, data);
  log.clear();

  trainer.save_checkpoint("memory://run/a.ckpt");

  CHECK(log == Log{"M.state_dict", "C.state_dict", "D.state_dict", "C.on_save_checkpoint",
                   "M.on_save_checkpoint"});
  log.clear();
  cairn::Trainer(options).fit(net, data, {.ckpt_path = "memory://run/a.ckpt"});
  const auto from = std::find(log.begin(), log.end(), "M.configure_model");
  const auto to = std::find(from, log.end(), "C.on_fit_start");
  CHECK(Log(from + 1, to) == Log{"M.on_load_checkpoint", "M.load_state_dict", "D.load_state_dict",
                                 "C.on_load_checkpoint", "C.load_state_dict",
                                 "M.configure_optimizers"});
}

TEST_CASE("an exception reaches the callbacks, the data module and the caller", "[hooks]") {
  struct Failing : Traced {
    using Traced::Traced;
    void on_train_batch_end(const at::Tensor&, std::int64_t) override {
      throw std::runtime_error("boom");
    }
  };
  Log log;
  Failing net(log);
  TracedData data(log);
  auto options = tiny::options(cairn::vfs::Context::make());
  options.callbacks = {std::make_shared<TracedCallback>(log)};
  cairn::Trainer trainer(options);

  CHECK_THROWS_WITH(trainer.fit(net, data), "boom");
  REQUIRE(log.size() > 2);
  CHECK(Log(log.end() - 2, log.end()) == Log{"C.on_exception", "D.on_exception"});
}
