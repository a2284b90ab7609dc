// A user of checkpoint.
#include <ATen/ATen.h>

#include <iostream>

#include "checkpoint/checkpoint.hpp"

int main() {
  namespace checkpoint = cairn::checkpoint;
  checkpoint::Value root;
  root["weights"] = at::ones({2, 5});
  checkpoint::save("file:weights.ckpt", root);
  const auto loaded = checkpoint::load("file:weights.ckpt");
  std::cout << "sum " << loaded.at("weights").as<at::Tensor>().sum().item<double>() << '\n';
}
