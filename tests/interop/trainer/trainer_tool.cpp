// Trains the network that lightning_both_ways.py trains: trainer_tool FOLDER MAX_STEPS [CKPT_PATH]
#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>
#include <string>

#include "tests/unit/trainer/tiny.hpp"

namespace {

struct Regression : cairn::Module {
  torch::nn::Linear encoder{register_module("encoder", torch::nn::Linear(4, 8))};
  torch::nn::Linear decoder{register_module("decoder", torch::nn::Linear(8, 1))};

  at::Tensor training_step(const cairn::Batch& batch, cairn::Step&) {
    return at::mse_loss(decoder->forward(at::relu(encoder->forward(batch.data))), batch.target);
  }
  void validation_step(const cairn::Batch&, cairn::Step&) {}
  cairn::Optimizers configure_optimizers() override {
    auto adam =
        std::make_shared<torch::optim::AdamW>(parameters(), torch::optim::AdamWOptions(0.01));
    auto cosine = std::make_shared<cairn::CosineAnnealingLR>(
        *adam, cairn::CosineAnnealingLROptions{.T_max = 12});
    return {.optimizer = adam,
            .schedulers = {{.scheduler = cosine, .interval = cairn::Interval::step}}};
  }
};

int run(const std::string& folder, std::int64_t max_steps, const std::string& ckpt_path) {
  auto saver = std::make_shared<cairn::ModelCheckpoint>(cairn::ModelCheckpointOptions{
      .dirpath = folder, .filename = "{step}", .save_top_k = -1, .every_n_train_steps = 1});
  cairn::Trainer trainer({.default_root_dir = folder,
                          .accelerator = cairn::Accelerator::cpu,
                          .max_steps = max_steps,
                          .callbacks = {saver},
                          .loggers = std::vector<std::shared_ptr<cairn::Logger>>{},
                          .enable_progress_bar = false,
                          .seed = 3});
  Regression module;
  tiny::Data data;
  data.shuffle = false;
  const cairn::FitResult result = trainer.fit(module, data, {.ckpt_path = ckpt_path});
  std::cout << result.epochs << ' ' << result.global_step << '\n';
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char* argv[]) {
  if (argc < 3) return 2;
  try {
    return run(argv[1], std::stoll(argv[2]), argc > 3 ? argv[3] : "");
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return EXIT_FAILURE;
  }
}
