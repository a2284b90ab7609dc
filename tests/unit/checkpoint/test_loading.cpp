// Loading a state that does not quite fit: other names, other shapes, other devices.
#include <string>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <torch/nn/module.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/linear.h>

#include "checkpoint/format/error.hpp"
#include "checkpoint/state.hpp"
#include "tests/support/catch.hpp"

using namespace cairn::checkpoint;
using Catch::Matchers::Contains;

namespace {

struct Net : torch::nn::Module {
  Net() {
    body = register_module("body", torch::nn::Linear(2, 3));
    norm = register_module("norm", torch::nn::BatchNorm1d(3));
    head = register_module("head", torch::nn::Linear(3, 1));
  }
  torch::nn::Linear body{nullptr};
  torch::nn::Linear head{nullptr};
  torch::nn::BatchNorm1d norm{nullptr};
};

// Under the names of another program, "module.backbone.weight" for "body.weight".
StateDict foreign(const Net& net, double value) {
  StateDict state;
  for (const auto& [name, tensor] : state_dict(net).items()) {
    auto other = name;
    if (name.starts_with("body.")) other = "backbone." + name.substr(5);
    if (name.starts_with("norm.")) other = "bn." + name.substr(5);
    state.set("module." + other, at::full_like(tensor, value));
  }
  return state;
}

const auto back = [] { return rename_prefixes({{"backbone.", "body."}, {"bn.", "norm."}}); };

}  // namespace

TEST_CASE("names are renamed by their beginnings, and the report says how", "[state]") {
  Net net;

  const auto report =
      load_state_dict(net, foreign(net, 5), {.prefix = "module.", .rename = back()});

  CHECK(report.ok());
  CHECK(report.loaded.size() == 9);
  CHECK(report.renamed.size() == 7);
  CHECK(report.renamed.front() ==
        std::pair<std::string, std::string>("backbone.weight", "body.weight"));
  CHECK_THAT(report.to_string(), Contains("renamed: backbone.bias to body.bias\n"));
  CHECK_THAT(report.to_string(), Contains("loaded: 9 tensors\n"));
  CHECK(net.body->weight.sum().item<double>() == 30);
}

TEST_CASE("names are renamed by a function", "[state]") {
  Net net;
  StateDict state;
  for (const auto& [name, tensor] : state_dict(net).items()) {
    state.set("x" + name, at::full_like(tensor, 5));
  }

  load_state_dict(net, state,
                  {.rename = [](std::string_view name) { return std::string(name.substr(1)); }});

  CHECK(net.head->bias.item<double>() == 5);
}

TEST_CASE("two names that become one are refused, and nothing is loaded", "[state]") {
  Net net;
  const auto before = net.head->bias.clone();
  auto state = foreign(net, 5);
  state.set("module.body.weight", at::ones({3, 2}));

  CHECK_THROWS_WITH(load_state_dict(net, state, {.prefix = "module.", .rename = back()}),
                    Contains("both become \"body.weight\""));
  CHECK(at::equal(net.head->bias, before));
}

TEST_CASE("versions of modules are found under the state's own names", "[state]") {
  Net net;
  auto state = foreign(net, 5);
  state.erase("module.bn.num_batches_tracked");
  const LoadStateOptions options{.prefix = "module.", .rename = back()};
  CHECK(load_state_dict(net, state, options).ok());

  state.set_metadata(Dict{{"module.bn", Dict{{"version", 2}}}});
  CHECK_THROWS_WITH(load_state_dict(net, state, options),
                    Contains("missing: norm.num_batches_tracked"));
}

TEST_CASE("tensors of another shape are skipped on demand, and reported", "[state]") {
  Net net;
  const auto before = net.head->weight.clone();
  auto state = state_dict(net);
  for (const auto& [name, tensor] : state_dict(net).items()) {
    state.set(name, at::full_like(tensor, 5));
  }
  state.set("head.weight", at::ones({7, 3}));
  state.set("head.bias", at::ones({7}));

  const auto report = load_state_dict(net, state, {.skip_mismatched = true});

  REQUIRE(report.mismatched.size() == 2);
  CHECK(report.mismatched[0].name == "head.weight");
  CHECK(report.mismatched[0].expected == std::vector<std::int64_t>{1, 3});
  CHECK(report.mismatched[0].found == std::vector<std::int64_t>{7, 3});
  CHECK(report.loaded.size() == 7);
  CHECK(at::equal(net.head->weight, before));
  CHECK(net.body->bias[0].item<double>() == 5);
}

TEST_CASE("with skipped shapes, missing names are an error all the same", "[state]") {
  Net net;
  auto state = state_dict(net);
  state.erase("body.bias");
  state.set("head.bias", at::ones({7}));

  CHECK_THROWS_WITH(load_state_dict(net, state, {.skip_mismatched = true}),
                    Contains("missing: body.bias") && Contains("shape of head.bias"));
}

TEST_CASE("a state moves to another device, with tied tensors tied", "[state]") {
  StateDict state;
  const auto base = at::arange(6, at::kFloat).reshape({2, 3});
  state.set("base", base);
  state.set("view", base.t().slice(0, 1, 3));
  state.set("none", at::Tensor());
  state.set_metadata(Dict{{"", Dict{{"version", 1}}}});

  const auto moved = state.to(at::kMeta);

  CHECK(moved.find("base")->is_meta());
  CHECK(moved.find("view")->sizes() == at::IntArrayRef({2, 2}));
  CHECK(moved.find("view")->strides() == at::IntArrayRef({1, 3}));
  CHECK(moved.find("view")->storage().is_alias_of(moved.find("base")->storage()));
  CHECK_FALSE(moved.find("none")->defined());
  CHECK(moved.metadata().contains(""));
  CHECK(state.to(at::kCPU).find("base")->data_ptr() == base.data_ptr());
}
