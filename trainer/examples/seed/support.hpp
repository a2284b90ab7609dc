// What the page takes for granted: a model to train, data, and a way to check what the page says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <ATen/ATen.h>
#include <torch/nn/modules/linear.h>
#include <torch/optim/adam.h>

#include "checkpoint/checkpoint.hpp"
#include "trainer/loader.hpp"
#include "trainer/module.hpp"
#include "trainer/trainer.hpp"

namespace seed {

/// 32 points in four dimensions, and a linear function of them.
struct Points {
  at::Tensor inputs{at::linspace(-1, 1, 128).reshape({32, 4}).sin()};
  at::Tensor targets{inputs.sum(1, /*keepdim=*/true)};

  [[nodiscard]] std::int64_t size() const { return inputs.size(0); }
  [[nodiscard]] cairn::Batch fetch(std::span<const std::int64_t> indices) const {
    const at::Tensor rows = at::tensor(at::ArrayRef<std::int64_t>(indices.data(), indices.size()));
    return {.data = inputs.index_select(0, rows), .target = targets.index_select(0, rows)};
  }
};

/// A linear layer with Adam on those points: eight steps an epoch.
class Regression : public cairn::Module {
 public:
  virtual at::Tensor forward(const at::Tensor& inputs) { return decoder(inputs); }

  at::Tensor training_step(const cairn::Batch& batch, cairn::Step& step) {
    at::Tensor loss = at::mse_loss(forward(batch.data), batch.target);
    step.log("train_loss", loss.detach(), {.on_epoch = true});
    return loss;
  }

  cairn::Optimizers configure_optimizers() override {
    return {.optimizer = std::make_shared<torch::optim::Adam>(decoder->parameters(),
                                                              torch::optim::AdamOptions(0.01))};
  }

  cairn::Loader<Points> train_loader() {
    return cairn::Loader<Points>(Points{}, {.batch_size = 4, .shuffle = true});
  }

  torch::nn::Linear decoder{register_module("decoder", torch::nn::Linear(4, 1))};
};

/// Throws if the page's claim does not hold.
void expect(bool claim, std::string_view text);

/// How many files below the directory have a name that ends so.
[[nodiscard]] std::size_t count_files(const std::string& directory, std::string_view ending);

/// The weights of two modules, bit for bit.
[[nodiscard]] bool same_weights(const torch::nn::Module& left, const torch::nn::Module& right);

/// The body of each main(): checks the arguments, tells what failed.
int run(int argc, char** argv, void (*example)(const std::string& root));

}  // namespace seed
