// Optimizers in Python's layout.
#include <memory>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <torch/optim/adam.h>
#include <torch/optim/adamw.h>
#include <torch/optim/sgd.h>

#include "tests/unit/checkpoint/optimizer_support.hpp"

using namespace cairn::checkpoint;
using namespace torch::optim;
using Catch::Matchers::Contains;

namespace {

template <class T>
void step(T& optimizer, const std::vector<at::Tensor>& tensors, double gradient) {
  for (const auto& tensor : tensors) tensor.mutable_grad() = at::full_like(tensor, gradient);
  optimizer.step();
}

// Each parameter is a group.
template <class Optimizer, class Options>
void check_resumes(const Options& options, const Options& other) {
  const auto make = [](const Options& own) {
    const auto tensors = parameters();
    return Trained<Optimizer>{
        tensors,
        Optimizer({OptimizerParamGroup({tensors[0]}), OptimizerParamGroup({tensors[1]})}, own)};
  };
  cairn::checkpoint::check_resumes(make(options), make(other), step<Optimizer>);
}

}  // namespace

TEST_CASE("SGD has the keys of Python's SGD", "[optimizer]") {
  const auto tensors = parameters();
  SGD optimizer(tensors, SGDOptions(0.1).momentum(0.9));
  step(optimizer, tensors, 1);

  auto state = state_dict(optimizer);

  CHECK(keys(state) == std::vector<std::string>{"state", "param_groups"});
  CHECK(keys(group(state)) ==
        std::vector<std::string>{"lr", "momentum", "dampening", "weight_decay", "nesterov",
                                 "maximize", "foreach", "differentiable", "fused", "params"});
  CHECK(equal(group(state).at("params"), List{0, 1}));
  CHECK(group(state).at("foreach").is_none());
  CHECK(keys(entry(state, 1)) == std::vector<std::string>{"momentum_buffer"});
  CHECK(at::equal(entry(state, 0).at("momentum_buffer").as<at::Tensor>(), at::ones({2, 3})));
}

TEST_CASE("Adam and AdamW have the keys of Python's", "[optimizer]") {
  const std::vector<std::string> expected{"lr",
                                          "betas",
                                          "eps",
                                          "weight_decay",
                                          "amsgrad",
                                          "maximize",
                                          "foreach",
                                          "capturable",
                                          "differentiable",
                                          "fused",
                                          "decoupled_weight_decay",
                                          "params"};
  const auto tensors = parameters();
  Adam adam(tensors, AdamOptions(0.1));
  AdamW adamw(tensors, AdamWOptions(0.1).amsgrad(true));
  step(adam, tensors, 1);
  step(adamw, tensors, 1);

  auto state = state_dict(adam);
  auto other = state_dict(adamw);

  CHECK(keys(group(state)) == expected);
  CHECK(keys(group(other)) == expected);
  CHECK(group(state).at("betas").kind() == Kind::tuple);
  CHECK_FALSE(group(state).at("decoupled_weight_decay").as_bool());
  CHECK(group(other).at("decoupled_weight_decay").as_bool());
  CHECK(keys(entry(state, 0)) == std::vector<std::string>{"step", "exp_avg", "exp_avg_sq"});
  CHECK(keys(entry(other, 0)) ==
        std::vector<std::string>{"step", "exp_avg", "exp_avg_sq", "max_exp_avg_sq"});
  const auto count = entry(state, 0).at("step").as<at::Tensor>();
  CHECK(count.dim() == 0);
  CHECK(count.scalar_type() == at::kFloat);
  CHECK(count.item<double>() == 1);
}

TEST_CASE("a count of steps beyond float32 stays exact", "[optimizer]") {
  const auto tensors = parameters();
  Adam adam(tensors, AdamOptions(0.1));
  step(adam, tensors, 1);
  auto& entry_of_first = *adam.state().at(tensors[0].unsafeGetTensorImpl());
  static_cast<AdamParamState&>(entry_of_first).step(16777217);

  const auto count = entry(state_dict(adam), 0).at("step").as<at::Tensor>();

  CHECK(count.item<double>() == 16777217);
}

TEST_CASE("parameters are numbered over the groups, and each group keeps its own options",
          "[optimizer]") {
  const auto tensors = parameters();
  std::vector<OptimizerParamGroup> groups;
  groups.emplace_back(std::vector<at::Tensor>{tensors[0]});
  groups.emplace_back(std::vector<at::Tensor>{tensors[1]}, std::make_unique<SGDOptions>(0.5));
  SGD optimizer(groups, SGDOptions(0.1));

  const auto state = state_dict(optimizer);

  const auto& second = state.at("param_groups").at(std::size_t{1});
  CHECK(equal(second.at("params"), List{1}));
  CHECK(second.at("lr").as_double() == 0.5);
  CHECK(state.at("state").as_dict().size() == 0);
}

TEST_CASE("what was saved goes on in another optimizer bit for bit", "[optimizer]") {
  check_resumes<SGD>(SGDOptions(0.1).momentum(0.9).weight_decay(0.01).nesterov(true),
                     SGDOptions(1.0));
  check_resumes<Adam>(AdamOptions(0.1).betas({0.8, 0.99}).amsgrad(true), AdamOptions(1.0));
  check_resumes<AdamW>(AdamWOptions(0.1).weight_decay(0.3), AdamWOptions(1.0).amsgrad(true));
}

TEST_CASE("loading copies: the file's tensors and the optimizer's are apart", "[optimizer]") {
  const auto tensors = parameters();
  SGD optimizer(tensors, SGDOptions(0.1).momentum(0.9));
  step(optimizer, tensors, 1);
  auto state = state_dict(optimizer);
  const auto saved = entry(state, 0).at("momentum_buffer").as<at::Tensor>().clone();

  SGD other(tensors, SGDOptions(0.1).momentum(0.9));
  load_state_dict(other, state);
  step(other, tensors, 5);

  CHECK(at::equal(entry(state, 0).at("momentum_buffer").as<at::Tensor>(), saved));
}

TEST_CASE("Python's other forms are taken: step as a number, lr as a tensor, None, more keys",
          "[optimizer]") {
  const auto tensors = parameters();
  Adam adam(tensors, AdamOptions(0.1));
  step(adam, tensors, 1);
  auto state = state_dict(adam);
  entry(state, 0)["step"] = 7;
  entry(state, 0)["max_exp_avg_sq"] = nullptr;
  group(state)["lr"] = at::scalar_tensor(0.25, at::kDouble);
  group(state)["initial_lr"] = 0.5;

  load_state_dict(adam, state);

  CHECK(static_cast<AdamOptions&>(adam.param_groups()[0].options()).lr() == 0.25);
  CHECK(entry(state_dict(adam), 0).at("step").as<at::Tensor>().item<double>() == 7);
}

TEST_CASE("a momentum_buffer of None is no buffer", "[optimizer]") {
  const auto tensors = parameters();
  SGD optimizer(tensors, SGDOptions(0.1).momentum(0.9));
  step(optimizer, tensors, 1);
  auto state = state_dict(optimizer);
  entry(state, 0)["momentum_buffer"] = nullptr;

  load_state_dict(optimizer, state);
  step(optimizer, tensors, 1);

  CHECK(state_dict(optimizer).at("state").as_dict().size() == 2);
}

TEST_CASE("state takes the type of its parameter", "[optimizer]") {
  const std::vector<at::Tensor> tensors{at::ones({2}, at::kDouble).set_requires_grad(true)};
  SGD optimizer(tensors, SGDOptions(0.1).momentum(0.9));
  step(optimizer, tensors, 1);
  auto state = state_dict(optimizer);
  entry(state, 0)["momentum_buffer"] = at::ones({2}, at::kFloat);

  load_state_dict(optimizer, state);

  const auto buffer = entry(state_dict(optimizer), 0).at("momentum_buffer").as<at::Tensor>();
  CHECK(buffer.scalar_type() == at::kDouble);
}

TEST_CASE("groups and shapes that differ are refused, and nothing is loaded", "[optimizer]") {
  const auto tensors = parameters();
  Adam adam(tensors, AdamOptions(0.1));
  step(adam, tensors, 1);
  const auto before = state_dict(adam).clone();
  const auto changed = [&](auto change) {
    auto state = before.clone();
    group(state)["lr"] = 9.0;
    change(state);
    return state;
  };

  const auto groups = changed([](Value& s) { s["param_groups"].as_list().push_back(group(s)); });
  CHECK_THAT(error_of(adam, groups, ErrorCode::mismatch), Contains("2 parameter groups"));
  const auto sizes = changed([](Value& s) { group(s)["params"] = List{0}; });
  CHECK_THAT(error_of(adam, sizes, ErrorCode::mismatch), Contains("group 0 has 1 parameters"));
  const auto shapes = changed([](Value& s) { entry(s, 1)["exp_avg"] = at::ones({4}); });
  CHECK_THAT(error_of(adam, shapes, ErrorCode::mismatch), Contains("state[1][\"exp_avg\"]"));
  const auto missing = changed([](Value& s) { entry(s, 1).as_dict().erase("exp_avg"); });
  CHECK_THAT(error_of(adam, missing, ErrorCode::mismatch), Contains("is missing"));
  const auto amsgrad = changed([](Value& s) { group(s)["amsgrad"] = true; });
  CHECK_THAT(error_of(adam, amsgrad, ErrorCode::mismatch), Contains("max_exp_avg_sq"));

  CHECK(equal(state_dict(adam), before));
}

TEST_CASE("what LibTorch's optimizers can't do is refused", "[optimizer]") {
  const auto tensors = parameters();
  Adam adam(tensors, AdamOptions(0.1));
  AdamW adamw(tensors, AdamWOptions(0.1));
  auto maximize = state_dict(adam);
  group(maximize)["maximize"] = true;

  CHECK_THAT(error_of(adam, maximize, ErrorCode::unsupported), Contains("maximize"));
  CHECK_THAT(error_of(adam, state_dict(adamw), ErrorCode::unsupported),
             Contains("decoupled_weight_decay"));
  CHECK_THAT(error_of(adam, Dict{{"state_dict", 1}}, ErrorCode::key), Contains("param_groups"));
}

TEST_CASE("optimizers without a known layout are refused", "[optimizer]") {
  struct OwnOptions : OptimizerCloneableOptions<OwnOptions> {};
  struct Own : Optimizer {
    using Optimizer::Optimizer;
    at::Tensor step(LossClosure) override { return {}; }
  };
  const Own optimizer(parameters(), std::make_unique<OwnOptions>());

  CHECK_THROWS_WITH(state_dict(optimizer), Contains("only SGD, Adam, AdamW, RMSprop"));
}
