// A network, a dataset and runs small enough to be repeated for every step.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <torch/nn/functional/loss.h>
#include <torch/nn/module.h>
#include <torch/nn/modules/dropout.h>
#include <torch/nn/modules/linear.h>
#include <torch/optim/adamw.h>
#include <torch/optim/sgd.h>

#include "trainer/checkpointing.hpp"
#include "trainer/loader.hpp"
#include "trainer/schedulers.hpp"
#include "trainer/trainer.hpp"
#include "vfs/file_system.hpp"

namespace tiny {

/// y = a sum of x; sample i is a function of i.
struct Points {
  std::int64_t count{20};
  [[nodiscard]] std::int64_t size() const { return count; }
  [[nodiscard]] cairn::Batch fetch(std::span<const std::int64_t> indices) const {
    const at::Tensor index =
        at::tensor(std::vector<std::int64_t>(indices.begin(), indices.end()), at::kFloat)
            .unsqueeze(1);
    const at::Tensor data = at::sin(index * at::arange(1, 5, at::kFloat));
    return {data, data.sum(1, /*keepdim=*/true)};
  }
};

struct Data : cairn::DataModule {
  bool shuffle{true};
  std::int64_t prefetch{0};
  std::vector<std::int64_t> seen{};
  cairn::Loader<Points> train_loader() {
    return cairn::Loader(Points{}, {.batch_size = 4, .shuffle = shuffle, .prefetch = prefetch});
  }
  cairn::Loader<Points> val_loader() {
    return cairn::Loader(Points{.count = 8}, {.batch_size = 4});
  }
  cairn::Loader<Points> test_loader() {
    return cairn::Loader(Points{.count = 8}, {.batch_size = 4});
  }
};

/// Dropout, AdamW, a schedule per step and one per epoch: all that a resume could get wrong.
struct Net : cairn::Module {
  torch::nn::Linear encoder{nullptr}, decoder{nullptr};
  torch::nn::Dropout dropout{nullptr};
  Net() {
    encoder = register_module("encoder", torch::nn::Linear(4, 8));
    dropout = register_module("dropout", torch::nn::Dropout(0.25));
    decoder = register_module("decoder", torch::nn::Linear(8, 1));
  }
  at::Tensor forward(const at::Tensor& x) {
    return decoder->forward(dropout->forward(at::relu(encoder->forward(x))));
  }
  at::Tensor training_step(const cairn::Batch& batch, cairn::Step& step) {
    const at::Tensor loss = at::mse_loss(forward(batch.data), batch.target);
    step.log("loss", loss, {.on_step = true, .on_epoch = true});
    return loss;
  }
  void validation_step(const cairn::Batch& batch, cairn::Step& step) {
    step.log("val_loss", at::mse_loss(forward(batch.data), batch.target));
  }
  void test_step(const cairn::Batch& batch, cairn::Step& step) {
    step.log("test_loss", at::mse_loss(forward(batch.data), batch.target));
  }
  cairn::Optimizers configure_optimizers() override {
    auto adam =
        std::make_shared<torch::optim::AdamW>(parameters(), torch::optim::AdamWOptions(0.05));
    return {.optimizer = adam,
            .schedulers = {{.scheduler = std::make_shared<cairn::LinearLR>(
                                *adam, cairn::LinearLROptions{.total_iters = 7}),
                            .interval = cairn::Interval::step},
                           {.scheduler = std::make_shared<cairn::ExponentialLR>(
                                *adam, cairn::ExponentialLROptions{.gamma = 0.7})}}};
  }
};

inline std::vector<at::Tensor> weights(const cairn::Module& net) {
  std::vector<at::Tensor> out;
  for (const auto& [name, tensor] : net.state_dict().items()) out.push_back(tensor.clone());
  return out;
}

inline bool identical(const std::vector<at::Tensor>& left, const std::vector<at::Tensor>& right) {
  if (left.size() != right.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (!at::equal(left[i], right[i])) return false;
  }
  return true;
}

/// Everything in memory, in a context of its own.
inline cairn::TrainerOptions options(const std::shared_ptr<cairn::vfs::Context>& context) {
  return {.default_root_dir = "memory://run",
          .accelerator = cairn::Accelerator::cpu,
          .max_epochs = 3,
          .loggers = std::vector<std::shared_ptr<cairn::Logger>>{},
          .enable_progress_bar = false,
          .seed = 1,
          .context = context};
}

inline std::vector<std::string> files(const std::shared_ptr<cairn::vfs::Context>& context,
                                      const std::string& folder) {
  const cairn::vfs::Location location = context->resolve(folder);
  std::vector<std::string> names;
  for (const auto& info : location.file_system.list(location.path))
    names.emplace_back(info.path.name());
  return names;
}

}  // namespace tiny
