// What C++ torch::save wrote, read for migration.
#include <sstream>
#include <string>

#include <ATen/ATen.h>
#include <torch/nn/module.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/linear.h>
#include <torch/optim/adam.h>
#include <torch/serialize.h>

#include "checkpoint/checkpoint.hpp"
#include "tests/support/catch.hpp"
#include "vfs/context.hpp"
#include "vfs/file_system.hpp"

using namespace cairn;
using namespace cairn::checkpoint;

namespace {

struct NetImpl : torch::nn::Module {
  NetImpl() {
    body = register_module("body", torch::nn::Linear(2, 3));
    norm = register_module("norm", torch::nn::BatchNorm1d(3));
  }
  torch::nn::Linear body{nullptr};
  torch::nn::BatchNorm1d norm{nullptr};
};
TORCH_MODULE(Net);

template <class T>
Value saved_by_torch(const T& object) {
  std::ostringstream stream;
  torch::save(object, stream);
  const auto context = vfs::Context::make();
  const auto where = context->resolve("memory://bucket/old.pt");
  where.file_system.write(where.path, stream.str());
  return load("memory://bucket/old.pt", {}, context);
}

}  // namespace

TEST_CASE("a module of torch::save is loaded into one that is alike", "[torchscript]") {
  const Net old;
  Net net;

  load_state_dict(*net, saved_by_torch(old).as<StateDict>());

  CHECK(at::equal(net->body->weight, old->body->weight));
  CHECK(at::equal(net->norm->running_var, old->norm->running_var));
}

TEST_CASE("a tensor and an optimizer of torch::save are read as data", "[torchscript]") {
  const auto tensor = at::arange(6, at::kFloat).view({2, 3});
  CHECK(at::equal(saved_by_torch(tensor).at("0").as<at::Tensor>(), tensor));

  Net net;
  torch::optim::Adam adam(net->parameters());
  net->body->forward(at::ones({1, 2})).sum().backward();
  adam.step();
  const Value old = saved_by_torch(adam);
  CHECK(old.contains("state"));
  CHECK(old.contains("param_groups"));
}
