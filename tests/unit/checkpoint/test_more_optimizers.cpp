// RMSprop, Adagrad and LBFGS in Python's layout, and fields that only Python's optimizers have.
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <torch/optim/adagrad.h>
#include <torch/optim/lbfgs.h>
#include <torch/optim/rmsprop.h>

#include "tests/unit/checkpoint/optimizer_support.hpp"

using namespace cairn::checkpoint;
using namespace torch::optim;
using Catch::Matchers::Contains;

namespace {

// One step on a loss with its minimum at `goal`.
template <class T>
void step(T& optimizer, const std::vector<at::Tensor>& tensors, double goal) {
  optimizer.step([&] {
    optimizer.zero_grad();
    auto loss = (tensors[0] - goal).pow(2).sum() + (tensors[1] - goal).pow(4).sum();
    loss.backward();
    return loss;
  });
}

template <class Optimizer, class Options>
void check_resumes(const Options& options, const Options& other) {
  const auto make = [](const Options& own) {
    const auto tensors = parameters();
    return Trained<Optimizer>{tensors, Optimizer(tensors, own)};
  };
  cairn::checkpoint::check_resumes(make(options), make(other), step<Optimizer>);
}

LBFGSOptions few_iterations() {
  return LBFGSOptions(0.1).max_iter(4).history_size(2);
}

}  // namespace

TEST_CASE("what RMSprop, Adagrad and LBFGS saved goes on in another optimizer bit for bit",
          "[optimizer]") {
  check_resumes<RMSprop>(RMSpropOptions(0.1).momentum(0.9).centered(true), RMSpropOptions(1.0));
  check_resumes<RMSprop>(RMSpropOptions(0.1).alpha(0.5).weight_decay(0.1), RMSpropOptions(1.0));
  check_resumes<Adagrad>(AdagradOptions(0.1).lr_decay(0.5).initial_accumulator_value(0.2),
                         AdagradOptions(1.0));
  check_resumes<LBFGS>(few_iterations(), LBFGSOptions(1.0));
  check_resumes<LBFGS>(few_iterations().line_search_fn("strong_wolfe"), LBFGSOptions(1.0));
}

TEST_CASE("RMSprop and Adagrad have the keys of Python's", "[optimizer]") {
  const auto tensors = parameters();
  RMSprop rmsprop(tensors, RMSpropOptions(0.1).momentum(0.9).centered(true));
  const Adagrad adagrad(tensors, AdagradOptions(0.1).initial_accumulator_value(0.5));
  step(rmsprop, tensors, 0);

  const auto state = state_dict(rmsprop);
  const auto other = state_dict(adagrad);

  CHECK(keys(group(state)) == std::vector<std::string>{"lr", "momentum", "alpha", "eps", "centered",
                                                       "weight_decay", "capturable", "foreach",
                                                       "maximize", "differentiable", "params"});
  CHECK(keys(entry(state, 1)) ==
        std::vector<std::string>{"step", "square_avg", "momentum_buffer", "grad_avg"});
  CHECK(entry(state, 1).at("step").as<at::Tensor>().scalar_type() == at::kFloat);
  CHECK(keys(group(other)) == std::vector<std::string>{"lr", "lr_decay", "eps", "weight_decay",
                                                       "initial_accumulator_value", "foreach",
                                                       "maximize", "differentiable", "fused",
                                                       "params"});
  CHECK(keys(entry(other, 0)) == std::vector<std::string>{"step", "sum"});
  CHECK(at::equal(entry(other, 1).at("sum").as<at::Tensor>(), at::full({3}, 0.5)));
}

TEST_CASE("LBFGS has the keys of Python's, all on the first parameter", "[optimizer]") {
  const auto tensors = parameters();
  LBFGS optimizer(tensors, few_iterations());
  step(optimizer, tensors, -3);

  const auto state = state_dict(optimizer);

  CHECK(keys(group(state)) ==
        std::vector<std::string>{"lr", "max_iter", "max_eval", "tolerance_grad", "tolerance_change",
                                 "history_size", "line_search_fn", "maximize", "params"});
  CHECK(group(state).at("line_search_fn").is_none());
  CHECK(state.at("state").as_dict().size() == 1);
  const auto first = entry(state, 0);
  CHECK(keys(first) == std::vector<std::string>{"func_evals", "n_iter", "al", "d", "t", "old_dirs",
                                                "old_stps", "ro", "H_diag", "prev_flat_grad",
                                                "prev_loss"});
  CHECK(first.at("n_iter").as_int() == 4);
  CHECK(first.at("al").as_list().size() == 2);
  CHECK(first.at("old_dirs").as_list().at(0).as<at::Tensor>().sizes() == at::IntArrayRef{9});
}

TEST_CASE("an LBFGS that found no gradient, or made one iteration, is as in Python",
          "[optimizer]") {
  const auto tensors = parameters();
  LBFGS still(tensors, few_iterations());
  step(still, tensors, 1);
  CHECK(keys(entry(state_dict(still), 0)) == std::vector<std::string>{"func_evals", "n_iter"});

  LBFGS once(tensors, LBFGSOptions(0.1).max_iter(1));
  step(once, tensors, 0);
  const auto first = entry(state_dict(once), 0);
  CHECK_FALSE(first.contains("al"));
  CHECK(first.at("H_diag").as_int() == 1);

  LBFGS other(tensors, LBFGSOptions(0.1));
  load_state_dict(other, state_dict(once));
  step(other, tensors, 0);
  CHECK(entry(state_dict(other), 0).contains("al"));
}

TEST_CASE("an LBFGS state that does not fit is refused, and nothing is loaded", "[optimizer]") {
  const auto tensors = parameters();
  LBFGS optimizer(tensors, few_iterations());
  step(optimizer, tensors, -3);
  const auto before = state_dict(optimizer).clone();
  const auto changed = [&](const auto& change) {
    auto state = before.clone();
    auto first = entry(state, 0);
    change(first, state);
    return state;
  };

  const auto shape = changed([](Value& first, Value&) { first["d"] = at::ones({8}); });
  CHECK_THAT(error_of(optimizer, shape, ErrorCode::mismatch), Contains("state[0][\"d\"]"));
  const auto length = changed([](Value& first, Value&) { first["ro"] = List(); });
  CHECK_THAT(error_of(optimizer, length, ErrorCode::mismatch), Contains("differ in length"));
  const auto missing = changed([](Value& first, Value&) { first.as_dict().erase("H_diag"); });
  CHECK_THAT(error_of(optimizer, missing, ErrorCode::mismatch), Contains("H_diag"));
  const auto history = changed([](Value&, Value& state) { group(state)["history_size"] = 1; });
  CHECK_THAT(error_of(optimizer, history, ErrorCode::mismatch), Contains("history_size"));
  const auto huge = changed([](Value&, Value& state) { group(state)["history_size"] = 1LL << 40; });
  CHECK_THAT(error_of(optimizer, huge, ErrorCode::limit), Contains("history_size"));

  CHECK(equal(state_dict(optimizer), before));
}

TEST_CASE("buffers that the options need must be there", "[optimizer]") {
  const auto tensors = parameters();
  RMSprop plain(tensors, RMSpropOptions(0.1));
  step(plain, tensors, 0);
  auto state = state_dict(plain);
  group(state)["momentum"] = 0.9;
  CHECK_THAT(error_of(plain, state, ErrorCode::mismatch), Contains("momentum_buffer"));

  Adagrad adagrad(tensors, AdagradOptions(0.1));
  auto partial = state_dict(adagrad);
  partial["state"].as_dict().erase(Value(1));
  CHECK_THAT(error_of(adagrad, partial, ErrorCode::mismatch), Contains("state[1] is missing"));
}

TEST_CASE("fields that LibTorch has no place for come back in their order", "[optimizer]") {
  const auto tensors = parameters();
  Adagrad optimizer(tensors, AdagradOptions(0.1));
  auto state = state_dict(optimizer);
  Dict fields{{"initial_lr", 0.5}, {"lr", at::scalar_tensor(0.25)}, {"foreach", true},
              {"weight_decay", 0}, {"of a later version", List{1}}, {"params", List{0, 1}}};
  state["param_groups"].as_list().items()[0] = fields;

  load_state_dict(optimizer, state);

  const auto found = group(state_dict(optimizer));
  for (const auto& [key, value] : fields.items()) CHECK(equal(found.at(key.as_string()), value));
  CHECK(keys(found) == std::vector<std::string>{"initial_lr", "lr", "foreach", "weight_decay",
                                                "of a later version", "lr_decay", "eps",
                                                "initial_accumulator_value", "maximize",
                                                "differentiable", "fused", "params"});
}

TEST_CASE("what the program changes after loading is what is saved", "[optimizer]") {
  const auto tensors = parameters();
  RMSprop optimizer(tensors, RMSpropOptions(0.1));
  auto state = state_dict(optimizer);
  group(state)["initial_lr"] = 0.5;
  group(state)["weight_decay"] = 0;
  load_state_dict(optimizer, state);

  optimizer.param_groups()[0].options().set_lr(0.75);
  static_cast<RMSpropOptions&>(optimizer.param_groups()[0].options()).weight_decay(0.5);
  step(optimizer, tensors, 0);

  const auto saved = group(state_dict(optimizer));
  CHECK(saved.at("lr").as_double() == 0.75);
  CHECK(saved.at("weight_decay").as_double() == 0.5);
  CHECK(saved.at("initial_lr").as_double() == 0.5);
}

TEST_CASE("fields of the file before last do not come back", "[optimizer]") {
  const auto tensors = parameters();
  Adagrad optimizer(tensors, AdagradOptions(0.1));
  const auto plain = state_dict(optimizer).clone();
  auto state = plain.clone();
  group(state)["initial_lr"] = 0.5;

  load_state_dict(optimizer, state);
  load_state_dict(optimizer, plain);

  CHECK(equal(state_dict(optimizer), plain));
}
