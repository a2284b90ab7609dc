// train N == train k, stop, resume: bit for bit.
#include <cmath>

#include "checkpoint/checkpoint.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/trainer/tiny.hpp"

namespace {

constexpr std::int64_t epochs = 3;
constexpr std::int64_t steps = 5 * epochs;  // 20 samples in batches of 4

/// A process of its own: fresh objects, another seed for what a resume must not depend on.
cairn::FitResult train(const cairn::TrainerOptions& options, tiny::Net& net,
                       const std::string& ckpt_path = {}, std::int64_t prefetch = 0) {
  tiny::Data data;
  data.prefetch = prefetch;
  cairn::Trainer trainer(options);
  return trainer.fit(net, data, {.ckpt_path = ckpt_path});
}

}  // namespace

TEST_CASE("a run resumed from any step ends as the one that was not stopped", "[resume]") {
  const auto context = cairn::vfs::Context::make();
  auto options = tiny::options(context);
  options.val_check_interval = 2;
  options.gradient_clip_val = 0.5;
  options.callbacks = {std::make_shared<cairn::ModelCheckpoint>(
      cairn::ModelCheckpointOptions{.save_top_k = -1, .every_n_train_steps = 1})};
  cairn::seed_everything(7);
  tiny::Net whole;
  const cairn::FitResult expected = train(options, whole);
  REQUIRE(expected.global_step == steps);

  for (std::int64_t step = 1; step < steps; ++step) {
    CAPTURE(step);
    const std::int64_t epoch = (step - 1) / 5;
    auto again = options;
    again.default_root_dir = "memory://other";
    again.seed = 99;
    cairn::seed_everything(1000);
    tiny::Net net;

    const cairn::FitResult result =
        train(again, net,
              "memory://run/checkpoints/epoch=" + std::to_string(epoch) +
                  "-step=" + std::to_string(step) + ".ckpt",
              step % 3);

    CHECK(result.global_step == steps);
    CHECK(tiny::identical(tiny::weights(net), tiny::weights(whole)));
    CHECK(result.metrics == expected.metrics);
  }
}

TEST_CASE("with accumulated gradients checkpoints are at optimizer steps only", "[resume]") {
  const auto context = cairn::vfs::Context::make();
  auto options = tiny::options(context);
  options.accumulate_grad_batches = 2;
  options.callbacks = {std::make_shared<cairn::ModelCheckpoint>(
      cairn::ModelCheckpointOptions{.save_top_k = -1, .every_n_train_steps = 1})};
  cairn::seed_everything(7);
  tiny::Net whole;
  // Five batches: two windows of two, and one of one.
  REQUIRE(train(options, whole).global_step == 9);

  cairn::seed_everything(1000);
  tiny::Net net;
  train(options, net, "memory://run/checkpoints/epoch=1-step=5.ckpt");

  CHECK(tiny::identical(tiny::weights(net), tiny::weights(whole)));
}

TEST_CASE("max_steps and max_epochs are totals over resumes", "[resume]") {
  const auto context = cairn::vfs::Context::make();
  auto options = tiny::options(context);
  options.max_steps = 7;
  tiny::Net net;
  CHECK(train(options, net).global_step == 7);

  options.max_steps = 8;
  CHECK(train(options, net, "last").global_step == 8);
  CHECK(train(options, net, "last").global_step == 8);  // nothing left to do
  options.max_steps = 3;
  CHECK(train(options, net, "last").global_step == 8);
  options.max_steps = -1;
  options.max_epochs = 2;
  CHECK(train(options, net, "last").global_step == 10);
  options.max_epochs = 1;
  CHECK_THROWS_AS(train(options, net, "last"), std::invalid_argument);
}

TEST_CASE("a run without a pointer says so, or starts anew if it may", "[resume]") {
  auto options = tiny::options(cairn::vfs::Context::make());
  options.max_epochs = 1;
  tiny::Net net;
  tiny::Data data;
  cairn::Trainer trainer(options);

  CHECK_THROWS_WITH(trainer.fit(net, data, {.ckpt_path = "last"}),
                    Catch::Matchers::Contains("memory://run/checkpoints/last.json"));
  CHECK(trainer.fit(net, data, {.ckpt_path = "last", .on_missing = cairn::OnMissing::fresh})
            .global_step == 5);
}

TEST_CASE("a file that is no trainer's checkpoint is refused by name", "[resume]") {
  auto options = tiny::options(cairn::vfs::Context::make());
  cairn::checkpoint::save("memory://run/weights.pt", cairn::checkpoint::Dict{{"fc.weight", 1}}, {},
                          options.context);
  tiny::Net net;

  CHECK_THROWS_WITH(train(options, net, "memory://run/weights.pt"),
                    Catch::Matchers::Contains("memory://run/weights.pt") &&
                        Catch::Matchers::Contains("state_dict"));
}

TEST_CASE("the state of callbacks and data modules comes back", "[resume]") {
  struct Counter : cairn::Callback {
    std::int64_t count{0};
    void on_train_batch_end(cairn::Trainer&, cairn::Module&, const at::Tensor&,
                            std::int64_t) override {
      ++count;
    }
    cairn::checkpoint::Value state_dict() const override { return count; }
    void load_state_dict(const cairn::checkpoint::Value& state) override { count = state.as_int(); }
  };
  struct Remembering : tiny::Data {
    std::string note{};
    cairn::checkpoint::Value state_dict() const override {
      return cairn::checkpoint::Dict{{"note", note}};
    }
    void load_state_dict(const cairn::checkpoint::Value& state) override {
      note = state.at("note").as_string();
    }
  };
  auto options = tiny::options(cairn::vfs::Context::make());
  options.max_epochs = 1;
  options.callbacks = {std::make_shared<Counter>()};
  tiny::Net net;
  Remembering data;
  data.note = "kept";
  cairn::Trainer(options).fit(net, data);

  auto counter = std::make_shared<Counter>();
  options.max_epochs = 2;
  options.callbacks = {counter};
  Remembering other;
  cairn::Trainer(options).fit(net, other, {.ckpt_path = "last"});

  CHECK(counter->count == 10);
  CHECK(other.note == "kept");
}

TEST_CASE("validate and test return the means of what their steps logged", "[evaluate]") {
  auto options = tiny::options(cairn::vfs::Context::make());
  tiny::Net net;
  tiny::Data data;
  cairn::Trainer trainer(options);
  net.eval();
  const auto all =
      tiny::Points{.count = 8}.fetch(std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6, 7});
  const double expected = at::mse_loss(net.forward(all.data), all.target).item<double>();
  net.train();

  CHECK(std::abs(trainer.validate(net, data).at("val_loss") - expected) < 1e-5);
  CHECK(std::abs(trainer.test(net, data).at("test_loss") - expected) < 1e-5);
  CHECK(net.is_training());
}
