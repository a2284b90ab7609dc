// Modules: names, order, versions, and loading that is all or nothing.
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <torch/nn/module.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/linear.h>

#include "checkpoint/format/error.hpp"
#include "checkpoint/state.hpp"
#include "checkpoint/tensor.hpp"
#include "tests/support/catch.hpp"

using namespace cairn::checkpoint;
using Catch::Matchers::Contains;

namespace {

// As Python's class Net(nn.Module) with fc = Linear(2, 3), scale = Parameter, norm =
// BatchNorm1d(3), head = Linear(3, 1, bias=False).
struct Net : torch::nn::Module {
  Net() {
    fc = register_module("fc", torch::nn::Linear(2, 3));
    mean = register_buffer("mean", at::zeros({2}));
    scale = register_parameter("scale", at::ones({}));
    norm = register_module("norm", torch::nn::BatchNorm1d(3));
    head = register_module("head", torch::nn::Linear(torch::nn::LinearOptions(3, 1).bias(false)));
  }
  torch::nn::Linear fc{nullptr};
  torch::nn::Linear head{nullptr};
  torch::nn::BatchNorm1d norm{nullptr};
  at::Tensor mean;
  at::Tensor scale;
};

std::vector<std::string> names(const StateDict& state) {
  std::vector<std::string> result;
  for (const auto& item : state.items()) result.push_back(item.first);
  return result;
}

StateDict filled(const Net& net, double value) {
  StateDict state;
  for (const auto& [name, tensor] : state_dict(net).items()) {
    state.set(name, at::full_like(tensor, value));
  }
  state.set_metadata(state_dict(net).metadata());
  return state;
}

std::string error_of(Net& net, const StateDict& state, const LoadStateOptions& options = {}) {
  try {
    load_state_dict(net, state, options);
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::mismatch);
    return error.what();
  }
  FAIL("no error");
  return {};
}

}  // namespace

TEST_CASE("names come in Python's order: parameters, buffers, children", "[state]") {
  const Net net;

  CHECK(names(state_dict(net)) ==
        std::vector<std::string>{"scale", "mean", "fc.weight", "fc.bias", "norm.weight",
                                 "norm.bias", "norm.running_mean", "norm.running_var",
                                 "norm.num_batches_tracked", "head.weight"});
}

TEST_CASE("a state shares the module's memory and needs no gradient", "[state]") {
  const Net net;
  const auto state = state_dict(net);

  CHECK(state.find("scale")->data_ptr() == net.scale.data_ptr());
  CHECK_FALSE(state.find("fc.weight")->requires_grad());
}

TEST_CASE("metadata has the versions of Python's modules", "[state]") {
  const auto metadata = state_dict(Net()).metadata();

  CHECK(metadata.as_dict().size() == 4);
  CHECK(metadata.at("").at("version").as_int() == 1);
  CHECK(metadata.at("fc").at("version").as_int() == 1);
  CHECK(metadata.at("norm").at("version").as_int() == 2);
}

TEST_CASE("as a value it is an OrderedDict with _metadata", "[state]") {
  const Value value = state_dict(Net());

  CHECK(value.as_dict().is_ordered());
  CHECK(value.as_dict().attributes().at("_metadata").contains("head"));
  const auto back = value.as<StateDict>();
  CHECK(names(back) == names(state_dict(Net())));
  CHECK(back.metadata().at("norm").at("version").as_int() == 2);
}

TEST_CASE("tied tensors stay tied in the value", "[state]") {
  StateDict state;
  const auto shared = at::ones({2});
  state.set("a", shared);
  state.set("b", shared);

  const Value value = state;

  CHECK(value.at("a").as_tensor().storage == value.at("b").as_tensor().storage);
}

TEST_CASE("a value that is not a tensor is named", "[state]") {
  auto dict = Dict::ordered();
  dict[Value("fc.weight")] = "text";

  CHECK_THROWS_WITH(Value(dict).as<StateDict>(), Contains("fc.weight"));
}

TEST_CASE("a state can be edited", "[state]") {
  auto state = state_dict(Net());

  CHECK(state.erase("mean"));
  CHECK_FALSE(state.erase("mean"));
  CHECK(state.erase_if([](std::string_view name) { return name.starts_with("norm."); }) == 5);
  state.set("scale", at::zeros({}));
  state.set("new", at::zeros({1}));

  CHECK(names(state) ==
        std::vector<std::string>{"scale", "fc.weight", "fc.bias", "head.weight", "new"});
  CHECK(state.find("scale")->item<double>() == 0);
  CHECK(state.contains("new"));
}

TEST_CASE("loading copies into the module's own tensors", "[state]") {
  Net net;
  const auto* memory = net.fc->weight.data_ptr();

  const auto report = load_state_dict(net, filled(net, 5));

  CHECK(report.ok());
  CHECK(net.fc->weight.data_ptr() == memory);
  CHECK(net.fc->weight.requires_grad());
  CHECK(at::all(net.fc->weight == 5).item<bool>());
  CHECK(net.norm->num_batches_tracked.item<std::int64_t>() == 5);
}

TEST_CASE("loading converts to the module's type", "[state]") {
  Net net;
  auto state = filled(net, 5);
  state.set("scale", at::scalar_tensor(3, at::kHalf));

  load_state_dict(net, state);

  CHECK(net.scale.scalar_type() == at::kFloat);
  CHECK(net.scale.item<float>() == 3);
}

TEST_CASE("all that does not fit is listed, and nothing is loaded", "[state]") {
  Net net;
  auto state = filled(net, 5);
  state.erase("fc.bias");
  state.erase("mean");
  state.set("head.bias", at::ones({1}));
  state.set("fc.weight", at::ones({3, 4}));

  const auto message = error_of(net, state);

  CHECK_THAT(message, Contains("missing: mean\nmissing: fc.bias\n"));
  CHECK_THAT(message, Contains("unexpected: head.bias\n"));
  CHECK_THAT(message, Contains("shape of fc.weight: expected [3, 2], found [3, 4]"));
  CHECK(net.scale.item<float>() == 1);
}

TEST_CASE("not strict: missing and unexpected names are reported, the rest is loaded", "[state]") {
  Net net;
  auto state = filled(net, 5);
  state.erase("mean");
  state.set("head.bias", at::ones({1}));

  const auto report = load_state_dict(net, state, {.strict = false});

  CHECK(report.missing == std::vector<std::string>{"mean"});
  CHECK(report.unexpected == std::vector<std::string>{"head.bias"});
  CHECK(report.to_string() == "missing: mean\nunexpected: head.bias\nloaded: 9 tensors\n");
  CHECK(net.scale.item<float>() == 5);
  CHECK(net.mean.sum().item<float>() == 0);
}

TEST_CASE("not strict: another shape is an error all the same", "[state]") {
  Net net;
  auto state = filled(net, 5);
  state.set("mean", at::ones({3}));

  CHECK_THAT(error_of(net, state, {.strict = false}), Contains("shape of mean"));
  CHECK(net.scale.item<float>() == 1);
}

TEST_CASE("a prefix picks one module out of a larger state", "[state]") {
  Net net;
  StateDict state;
  for (const auto& [name, tensor] : filled(net, 5).items()) state.set("model." + name, tensor);
  state.set("loss.weight", at::ones({1}));

  CHECK(load_state_dict(net, state, {.prefix = "model."}).ok());
  CHECK(net.scale.item<float>() == 5);
}

TEST_CASE("norms of version 1 may lack num_batches_tracked", "[state]") {
  Net net;
  auto state = filled(net, 5);
  state.erase("norm.num_batches_tracked");
  CHECK_THAT(error_of(net, state), Contains("missing: norm.num_batches_tracked"));

  state.set_metadata(Dict{{"norm", Dict{{"version", 1}}}});
  CHECK(load_state_dict(net, state).ok());
  state.set_metadata(nullptr);
  CHECK(load_state_dict(net, state).ok());
}
