// Trains a small convolutional network on Fashion-MNIST. Checkpoints and logs go to any URL, and a
// run that was killed goes on with --ckpt-path last, to the same weights, bit for bit, as a run
// that was not.
//   fashion_mnist --root s3://bucket/run
//   fashion_mnist --root s3://bucket/run --ckpt-path last
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <iostream>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/dropout.h>
#include <torch/nn/modules/linear.h>
#include <torch/optim/adamw.h>
#include <zlib.h>

#include "trainer/checkpointing.hpp"
#include "trainer/data_module.hpp"
#include "trainer/examples/flags.hpp"
#include "trainer/examples/idx.hpp"
#include "trainer/loader.hpp"
#include "trainer/loggers.hpp"
#include "trainer/module.hpp"
#include "trainer/schedulers.hpp"
#include "trainer/trainer.hpp"

namespace fashion_mnist {
namespace {

constexpr double mean = 0.2860;  // of the training images' pixels, as parts of 255
constexpr double deviation = 0.3530;
constexpr std::int64_t validation_part = 12;  // one in so many of the training images: 5,000

struct Images {
  Split split;

  [[nodiscard]] std::int64_t size() const { return split.labels.size(0); }

  [[nodiscard]] cairn::Batch fetch(std::span<const std::int64_t> indices) const {
    const at::Tensor rows = at::tensor(at::ArrayRef<std::int64_t>(indices.data(), indices.size()));
    const at::Tensor pixels = split.images.index_select(0, rows).unsqueeze(1).to(at::kFloat);
    return {.data = (pixels / 255.0 - mean) / deviation,
            .target = split.labels.index_select(0, rows)};
  }
};

class Data final : public cairn::DataModule {
 public:
  explicit Data(const Flags& flags) : folder_(flags.data), batch_size_(flags.batch_size) {}

  void setup(cairn::Stage) override {
    if (train_) return;
    const Split all = read_split(folder_, "train");
    const std::int64_t rest = all.labels.size(0) - all.labels.size(0) / validation_part;
    train_ =
        std::make_shared<Images>(Split{all.images.slice(0, 0, rest), all.labels.slice(0, 0, rest)});
    validation_ =
        std::make_shared<Images>(Split{all.images.slice(0, rest), all.labels.slice(0, rest)});
    test_ = std::make_shared<Images>(read_split(folder_, "t10k"));
  }

  cairn::Loader<Images> train_loader() {
    return cairn::Loader<Images>(train_, {.batch_size = batch_size_, .shuffle = true});
  }
  cairn::Loader<Images> val_loader() {
    return cairn::Loader<Images>(validation_, {.batch_size = 500});
  }
  cairn::Loader<Images> test_loader() { return cairn::Loader<Images>(test_, {.batch_size = 500}); }

 private:
  std::string folder_;
  std::int64_t batch_size_;
  std::shared_ptr<const Images> train_;
  std::shared_ptr<const Images> validation_;
  std::shared_ptr<const Images> test_;
};

class Classifier final : public cairn::Module {
 public:
  /// The learning rate falls along a cosine and is zero after `total_steps`.
  Classifier(std::int64_t hidden, std::int64_t total_steps)
      : total_steps_(total_steps),
        hidden_(register_module("hidden", torch::nn::Linear(16 * 7 * 7, hidden))),
        output_(register_module("output", torch::nn::Linear(hidden, 10))) {}

  at::Tensor forward(const at::Tensor& images) {
    at::Tensor x = at::max_pool2d(at::relu(conv1_(images)), 2);
    x = at::max_pool2d(at::relu(conv2_(x)), 2);
    return output_(at::relu(hidden_(dropout_(x.flatten(1)))));
  }

  at::Tensor training_step(const cairn::Batch& batch, cairn::Step& step) {
    at::Tensor loss = at::cross_entropy_loss(forward(batch.data), batch.target);
    step.log("train_loss", loss.detach(), {.prog_bar = true});
    return loss;
  }

  void validation_step(const cairn::Batch& batch, cairn::Step& step) {
    evaluate("val", batch, step);
  }
  void test_step(const cairn::Batch& batch, cairn::Step& step) { evaluate("test", batch, step); }

  cairn::Optimizers configure_optimizers() override {
    auto optimizer = std::make_shared<torch::optim::AdamW>(
        parameters(), torch::optim::AdamWOptions(3e-3).weight_decay(0.01));
    auto cosine = std::make_shared<cairn::CosineAnnealingLR>(
        *optimizer, cairn::CosineAnnealingLROptions{.T_max = total_steps_});
    return {.optimizer = optimizer,
            .schedulers = {{.scheduler = cosine, .interval = cairn::Interval::step}}};
  }

 private:
  void evaluate(const std::string& stage, const cairn::Batch& batch, cairn::Step& step) {
    const at::Tensor scores = forward(batch.data);
    step.log(stage + "_loss", at::cross_entropy_loss(scores, batch.target), {.prog_bar = true});
    step.log(stage + "_acc", (scores.argmax(1) == batch.target).to(at::kFloat).mean(),
             {.prog_bar = true});
  }

  std::int64_t total_steps_;
  torch::nn::Conv2d conv1_{
      register_module("conv1", torch::nn::Conv2d(torch::nn::Conv2dOptions(1, 8, 3).padding(1)))};
  torch::nn::Conv2d conv2_{
      register_module("conv2", torch::nn::Conv2d(torch::nn::Conv2dOptions(8, 16, 3).padding(1)))};
  torch::nn::Dropout dropout_{register_module("dropout", torch::nn::Dropout(0.1))};
  torch::nn::Linear hidden_;
  torch::nn::Linear output_;
};

/// Tells on stdout what was saved.
class TellingCheckpoint final : public cairn::ModelCheckpoint {
 public:
  using ModelCheckpoint::ModelCheckpoint;

  void on_step_boundary(cairn::Trainer& trainer, cairn::Module& module,
                        const cairn::StepBoundary& boundary) override {
    const std::string before = last_model_path();
    ModelCheckpoint::on_step_boundary(trainer, module, boundary);
    if (last_model_path() != before) std::cout << "saved " << last_model_path() << std::endl;
  }
};

/// A line every so many steps, for those who read the output with a program.
class StepLines final : public cairn::Callback {
 public:
  explicit StepLines(std::int64_t every) : every_(every) {}

  void on_train_start(cairn::Trainer& trainer, cairn::Module&) override {
    if (trainer.resumed_from().empty()) return;
    std::cout << "resumed from " << trainer.resumed_from() << std::endl;
  }

  void on_step_boundary(cairn::Trainer& trainer, cairn::Module&,
                        const cairn::StepBoundary&) override {
    if (trainer.global_step() % every_ != 0) return;
    std::cout << "epoch " << trainer.current_epoch() << " step " << trainer.global_step()
              << std::endl;
  }

 private:
  std::int64_t every_;
};

/// CRC32 over all weights: two runs that print the same one ended in the same place.
std::uint32_t digest(const cairn::Module& module) {
  uLong crc = crc32(0, nullptr, 0);
  for (const auto& [name, tensor] : module.state_dict().items()) {
    const at::Tensor bytes = tensor.cpu().contiguous();
    crc = crc32_z(crc, static_cast<const Bytef*>(bytes.const_data_ptr()), bytes.nbytes());
  }
  return static_cast<std::uint32_t>(crc);
}

std::int64_t total_steps(const Flags& flags, std::int64_t steps_per_epoch) {
  return std::min(flags.max_epochs * steps_per_epoch,
                  flags.max_steps.value_or(flags.max_epochs * steps_per_epoch));
}

cairn::Accelerator accelerator(const std::string& name) {
  if (name == "cpu") return cairn::Accelerator::cpu;
  return name == "cuda" ? cairn::Accelerator::cuda : cairn::Accelerator::automatic;
}

void run(const Flags& flags) {
  at::set_num_threads(static_cast<int>(flags.threads));
  Data data(flags);
  data.setup(cairn::Stage::fit);

  std::vector<std::shared_ptr<cairn::Callback>> callbacks{
      std::make_shared<TellingCheckpoint>(
          cairn::ModelCheckpointOptions{.every_n_train_steps = flags.checkpoint_every}),
      std::make_shared<TellingCheckpoint>(cairn::ModelCheckpointOptions{
          .filename = "best-{epoch}",
          .monitor = "val_acc",
          .mode = cairn::Mode::max,
          .save_last = false,
      }),
  };
  if (flags.print_every) callbacks.push_back(std::make_shared<StepLines>(*flags.print_every));

  cairn::Trainer trainer({
      .default_root_dir = flags.root,
      .accelerator = accelerator(flags.accelerator),
      .max_epochs = flags.max_epochs,
      .max_steps = flags.max_steps,
      .callbacks = std::move(callbacks),
      .enable_progress_bar = !flags.print_every,
      .seed = static_cast<std::uint64_t>(flags.seed),
  });
  Classifier model(flags.hidden, total_steps(flags, data.train_loader().size()));
  trainer.fit(model, data, {.ckpt_path = flags.ckpt_path});

  const cairn::Metrics metrics = trainer.test(model, data);
  std::printf("test accuracy %.4f after %lld steps\n", metrics.at("test_acc"),
              static_cast<long long>(trainer.global_step()));
  std::printf("weights crc32 %08x\n", digest(model));
}

}  // namespace
}  // namespace fashion_mnist

int main(int argc, char** argv) {
  const fashion_mnist::Flags flags = fashion_mnist::parse_flags(argc, argv);
  try {
    fashion_mnist::run(flags);
  } catch (const c10::Error& error) {
    std::cerr << "fashion_mnist: " << error.what_without_backtrace() << '\n';
    return 1;
  } catch (const std::exception& error) {
    std::cerr << "fashion_mnist: " << error.what() << '\n';
    return 1;
  }
}
