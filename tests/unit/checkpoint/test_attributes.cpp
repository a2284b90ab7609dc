// Tensors to which Python has given attributes, as LibTorch's.
#include <cstdlib>
#include <string>

#include <ATen/ATen.h>
#include <torch/nn/modules/linear.h>
#include <torch/optim/sgd.h>

#include "checkpoint/checkpoint.hpp"
#include "checkpoint/tensor.hpp"
#include "tests/support/catch.hpp"

using namespace cairn::checkpoint;

namespace {

// Made by Python: tests/golden/make.py.
std::string golden_url() {
  const char* folder = std::getenv("CAIRN_GOLDEN");
  if (folder == nullptr) FAIL("CAIRN_GOLDEN is not set: run this through meson test");
  return "file://" + std::string(folder) + "/attributes.pt";
}

bool is_loaded(const torch::nn::Linear& layer) {
  return at::equal(layer->weight, at::arange(12, at::kFloat).reshape({3, 4})) &&
         at::equal(layer->bias, at::ones({3}));
}

// What Python has for tensor.note = 1.
Value noted(const at::Tensor& tensor) {
  return Opaque::make(Opaque::Form::call, Opaque::name("torch._tensor", "_rebuild_from_type_v2"),
                      Tuple{Opaque::name("torch._utils", "_rebuild_tensor_v2"),
                            Opaque::name("torch", "Tensor"), tensor, Dict{{"note", 1}}});
}

}  // namespace

TEST_CASE("a state_dict of tensors with attributes is loaded into a module", "[state]") {
  const Value root = load(golden_url());
  torch::nn::Linear layer(4, 3);

  const auto report = load_state_dict(*layer, root.at("state_dict").as<StateDict>());

  CHECK(report.ok());
  CHECK(is_loaded(layer));
}

TEST_CASE("a file of tensors with attributes is loaded into a module's memory", "[load_into]") {
  torch::nn::Linear layer(4, 3);
  const void* memory = layer->weight.const_data_ptr();

  load_into(*layer, open(golden_url()));

  CHECK(is_loaded(layer));
  CHECK(layer->weight.const_data_ptr() == memory);
}

TEST_CASE("a tensor with attributes is the view that it is in Python", "[tensor]") {
  const Value root = load(golden_url());

  const auto whole = root.at("tensor").as<at::Tensor>();
  const auto transposed = root.at("transposed").as<at::Tensor>();
  CHECK(transposed.is_alias_of(whole));
  CHECK(at::equal(transposed, whole.t()));
  CHECK(root.at("conjugate").as<at::Tensor>().is_conj());
  CHECK(root.at("untyped").as<at::Tensor>().scalar_type() == at::kUInt16);
}

TEST_CASE("a tensor with attributes requires a gradient if it does in Python", "[tensor]") {
  const Value root = load(golden_url());

  CHECK(root.at("gradient").as<at::Tensor>().requires_grad());
  CHECK(root.at("state_dict").at("weight").as<at::Tensor>().requires_grad());
  CHECK_FALSE(root.at("state_dict").at("bias").as<at::Tensor>().requires_grad());
  CHECK_FALSE(root.at("frozen").as<at::Tensor>().requires_grad());
}

TEST_CASE("a sparse tensor with attributes comes back as what it is", "[tensor]") {
  const auto sparse = load(golden_url()).at("coo").as<at::Tensor>();

  CHECK(sparse.layout() == at::kSparse);
  CHECK(at::equal(sparse.to_dense(), at::eye(2)));
}

TEST_CASE("an optimizer's state may have tensors with attributes", "[state]") {
  const auto parameter = at::ones({2}).set_requires_grad(true);
  torch::optim::SGD optimizer({parameter}, torch::optim::SGDOptions(0.1).momentum(0.9));
  parameter.mutable_grad() = at::ones({2});
  optimizer.step();
  Value state = state_dict(optimizer).clone();
  Value& first = *state["state"].as_dict().find(Value(0));
  first["momentum_buffer"] = noted(at::full({2}, 5.0));

  load_state_dict(optimizer, state);

  const Value loaded = state_dict(optimizer);
  const auto momentum = loaded.at("state").as_dict().at(0).at("momentum_buffer").as<at::Tensor>();
  CHECK(at::equal(momentum, at::full({2}, 5.0F)));
}
