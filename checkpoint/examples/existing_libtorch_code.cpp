// Existing LibTorch code, as it is without any trainer, with checkpoints added: it goes on where
// the last run stopped. Usage: existing_libtorch_code [URL], such as s3://bucket/run/last.ckpt
#include <cstdint>
#include <iostream>
#include <string>
#include <vector>

#include <torch/torch.h>

#include "checkpoint/cereal.hpp"
#include "checkpoint/checkpoint.hpp"

namespace checkpoint = cairn::checkpoint;

struct Net : torch::nn::Module {
  Net()
      : hidden(register_module("hidden", torch::nn::Linear(2, 16))),
        out(register_module("out", torch::nn::Linear(16, 1))) {}
  torch::Tensor forward(const torch::Tensor& x) { return out(torch::tanh(hidden(x))); }
  torch::nn::Linear hidden;
  torch::nn::Linear out;
};

// Your own state: all that it takes is a serialize() for cereal.
struct History {
  std::string comment{"xor"};
  std::vector<float> losses{};
  template <class Archive>
  void serialize(Archive& archive) {
    archive(CEREAL_NVP(comment), CEREAL_NVP(losses));
  }
};

int main(int argc, char* argv[]) try {
  const std::string url = argc > 1 ? argv[1] : "existing_libtorch_code.ckpt";
  torch::manual_seed(0);
  Net net;
  torch::optim::AdamW optimizer(net.parameters(), torch::optim::AdamWOptions(0.05));
  History history;
  std::int64_t step = 0;

  const auto at = cairn::vfs::Context::standard()->resolve(url);
  if (at.file_system.exists(at.path)) {
    const auto saved = checkpoint::load(url);
    checkpoint::load_state_dict(net, saved.at("state_dict").as<checkpoint::StateDict>());
    checkpoint::load_state_dict(optimizer, saved.at("optimizer"));
    history = saved.at("history").as<History>();
    step = saved.at("step").as_int();
    std::cout << "resumed from " << url << " at step " << step << '\n';
  }

  const auto x = torch::tensor({{0.0F, 0.0F}, {0.0F, 1.0F}, {1.0F, 0.0F}, {1.0F, 1.0F}});
  const auto y = torch::tensor({{0.0F}, {1.0F}, {1.0F}, {0.0F}});
  for (const auto end = step + 100; step < end; ++step) {
    optimizer.zero_grad();
    const auto loss = torch::mse_loss(net.forward(x), y);
    loss.backward();
    optimizer.step();
    if (step % 20 == 0) history.losses.push_back(loss.item<float>());
  }
  std::cout << "step " << step << ", loss " << torch::mse_loss(net.forward(x), y).item<float>()
            << '\n';

  checkpoint::Value root;
  root["state_dict"] = checkpoint::state_dict(net);
  root["optimizer"] = checkpoint::state_dict(optimizer);
  root["history"] = history;
  root["step"] = step;
  checkpoint::save(url, root);

  std::cout
      << "saved to " << url << "; in Python, once it is a local file:\n"
      << "  python3 -c \"import torch; print(torch.load('FILE', weights_only=True)['history'])\"\n";
  return 0;
} catch (const std::exception& error) {
  std::cerr << "existing_libtorch_code: " << error.what() << '\n';
  return 1;
}
