// What the tests of optimizers share: parameters, parts of a state, and how a state goes on
// elsewhere.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <torch/optim/optimizer.h>

#include "checkpoint/format/error.hpp"
#include "checkpoint/state.hpp"
#include "checkpoint/tensor.hpp"
#include "tests/support/catch.hpp"

namespace cairn::checkpoint {

inline std::vector<at::Tensor> parameters() {
  return {at::ones({2, 3}).set_requires_grad(true), at::ones({3}).set_requires_grad(true)};
}

inline std::vector<std::string> keys(const Value& dict) {
  std::vector<std::string> result;
  for (const auto& item : dict.as_dict().items()) result.push_back(item.first.as_string());
  return result;
}

/// The first group of parameters.
inline Value group(const Value& state) {
  return state.at("param_groups").at(std::size_t{0});
}

/// The state of a parameter.
inline Value entry(const Value& state, int id) {
  return state.at("state").as_dict().at(Value(id));
}

/// What loading is refused with.
inline std::string error_of(torch::optim::Optimizer& optimizer, const Value& state,
                            ErrorCode code) {
  try {
    load_state_dict(optimizer, state);
  } catch (const Error& error) {
    CHECK(error.code() == code);
    return error.what();
  }
  FAIL("no error");
  return {};
}

template <class Optimizer>
struct Trained {
  std::vector<at::Tensor> tensors{};
  Optimizer optimizer;
};

/// Two optimizers over equal parameters: what one saved and the other loaded must make them step
/// alike. A step is step(optimizer, tensors, number).
template <class Optimizer, class Step>
void check_resumes(Trained<Optimizer> first, Trained<Optimizer> second, const Step& step) {
  for (const double number : {1.5, -0.5, 0.25}) step(first.optimizer, first.tensors, number);
  for (std::size_t i = 0; i < first.tensors.size(); ++i)
    second.tensors[i].data().copy_(first.tensors[i]);

  load_state_dict(second.optimizer, state_dict(first.optimizer));
  for (const double number : {0.3, -2.0}) {
    step(first.optimizer, first.tensors, number);
    step(second.optimizer, second.tensors, number);
  }

  CHECK(at::equal(first.tensors[0], second.tensors[0]));
  CHECK(at::equal(first.tensors[1], second.tensors[1]));
}

}  // namespace cairn::checkpoint
