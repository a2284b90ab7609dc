#include "checkpoint/state/optimizer_layout.hpp"

#include <cmath>
#include <tuple>
#include <utility>

#include <ATen/Functions.h>

#include "checkpoint/tensor.hpp"

namespace cairn::checkpoint {
namespace {

using torch::optim::AdamOptions;
using torch::optim::AdamParamState;
using torch::optim::AdamWOptions;
using torch::optim::AdamWParamState;
using torch::optim::OptimizerParamState;
using torch::optim::SGDOptions;
using torch::optim::SGDParamState;

[[noreturn]] void fail(ErrorCode code, const Entry& entry, std::string_view key,
                       const std::string& cause) {
  throw Error(code, "optimizer state: " + entry.where + "[\"" + std::string(key) + "\"] " + cause);
}

const Value* find(const Entry& entry, std::string_view key) {
  return entry.value.contains(key) ? &entry.value.at(key) : nullptr;
}

// Python takes numbers and tensors of one element for the same things: lr, betas, step.
double number(const Entry& entry, std::string_view key, const Value& value) {
  switch (value.kind()) {
    case Kind::integer:
    case Kind::real:
      return value.as_double();
    case Kind::tensor:
      if (value.as_tensor().numel() == 1) {
        return to_tensor(value.as_tensor()).to(at::kDouble).item<double>();
      }
      [[fallthrough]];
    default:
      fail(ErrorCode::type, entry, key,
           "must be a number, but is a " + std::string(to_string(value.kind())));
  }
}

void read(const Entry& group, std::string_view key, double& field) {
  if (const auto* value = find(group, key)) field = number(group, key, *value);
}

void read(const Entry& group, std::string_view key, bool& field) {
  const auto* value = find(group, key);
  if (value == nullptr) return;
  if (value->kind() != Kind::boolean) fail(ErrorCode::type, group, key, "must be a bool");
  field = value->as_bool();
}

void read(const Entry& group, std::string_view key, std::tuple<double, double>& field) {
  const auto* value = find(group, key);
  if (value == nullptr) return;
  const bool sequence = value->kind() == Kind::tuple || value->kind() == Kind::list;
  if (!sequence || value->as_sequence().size() != 2) {
    fail(ErrorCode::type, group, key, "must be two numbers");
  }
  field = {number(group, key, value->at(std::size_t{0})),
           number(group, key, value->at(std::size_t{1}))};
}

// A switch that changes what step() does and that LibTorch's optimizer does not have.
void require(const Entry& group, std::string_view key, bool supported) {
  bool value = supported;
  read(group, key, value);
  if (value != supported) {
    fail(ErrorCode::unsupported, group, key,
         std::string("is ") + (value ? "True" : "False") + ", which LibTorch's optimizer can't do");
  }
}

// Python counts in a 0-dim float32 tensor. Past 2^24 that is not exact any more, and Python takes a
// float64 as well.
at::Tensor step_tensor(std::int64_t step) {
  constexpr std::int64_t exact = std::int64_t{1} << 24;
  const auto type = step > exact ? at::kDouble : at::kFloat;
  return at::scalar_tensor(static_cast<double>(step), at::TensorOptions().dtype(type));
}

std::int64_t read_step(const Entry& state) {
  const auto* value = find(state, "step");
  if (value == nullptr) fail(ErrorCode::mismatch, state, "step", "is missing");
  const double step = number(state, "step", *value);
  if (!(step >= 0 && step < 0x1p53) || step != std::floor(step)) {
    fail(ErrorCode::type, state, "step", "is not a count of steps");
  }
  return static_cast<std::int64_t>(step);
}

// Absent and None are an undefined tensor.
at::Tensor read_tensor(const Entry& state, std::string_view key, const at::Tensor& parameter) {
  const auto* value = find(state, key);
  if (value == nullptr || value->is_none()) return {};
  if (value->kind() != Kind::tensor) fail(ErrorCode::type, state, key, "must be a tensor");
  const auto tensor = to_tensor(value->as_tensor()).detach();
  if (tensor.sizes() != parameter.sizes()) {
    fail(ErrorCode::mismatch, state, key,
         c10::str("has the shape ", tensor.sizes(), ", its parameter ", parameter.sizes()));
  }
  const bool cast = c10::isFloatingType(parameter.scalar_type());
  return tensor.to(parameter.device(), cast ? parameter.scalar_type() : tensor.scalar_type(),
                   /*non_blocking=*/false, /*copy=*/true);
}

at::Tensor need_tensor(const Entry& state, std::string_view key, const at::Tensor& parameter) {
  auto tensor = read_tensor(state, key, parameter);
  if (!tensor.defined()) fail(ErrorCode::mismatch, state, key, "is missing");
  return tensor;
}

template <class Options>
void write_adam_group(const Options& options, bool decoupled, Dict& group) {
  group["lr"] = options.lr();
  group["betas"] = Tuple{std::get<0>(options.betas()), std::get<1>(options.betas())};
  group["eps"] = options.eps();
  group["weight_decay"] = options.weight_decay();
  group["amsgrad"] = options.amsgrad();
  group["maximize"] = false;
  group["foreach"] = nullptr;
  group["capturable"] = false;
  group["differentiable"] = false;
  group["fused"] = nullptr;
  group["decoupled_weight_decay"] = decoupled;
}

template <class Options>
void read_adam_group(const Entry& group, bool decoupled, Options& options) {
  read(group, "lr", options.lr());
  read(group, "betas", options.betas());
  read(group, "eps", options.eps());
  read(group, "weight_decay", options.weight_decay());
  read(group, "amsgrad", options.amsgrad());
  require(group, "maximize", false);
  require(group, "decoupled_weight_decay", decoupled);
}

template <class State>
Value write_adam_state(const State& state, StorageMap& storages) {
  Dict dict{{"step", step_tensor(state.step())},
            {"exp_avg", storages.to_stored(state.exp_avg())},
            {"exp_avg_sq", storages.to_stored(state.exp_avg_sq())}};
  if (state.max_exp_avg_sq().defined()) {
    dict["max_exp_avg_sq"] = storages.to_stored(state.max_exp_avg_sq());
  }
  return dict;
}

template <class State>
std::unique_ptr<OptimizerParamState> read_adam_state(const Entry& entry,
                                                     const at::Tensor& parameter, bool amsgrad) {
  if (entry.value.as_dict().size() == 0) return nullptr;
  auto state = std::make_unique<State>();
  state->step(read_step(entry));
  state->exp_avg(need_tensor(entry, "exp_avg", parameter));
  state->exp_avg_sq(need_tensor(entry, "exp_avg_sq", parameter));
  state->max_exp_avg_sq(amsgrad ? need_tensor(entry, "max_exp_avg_sq", parameter)
                                : read_tensor(entry, "max_exp_avg_sq", parameter));
  return state;
}

}  // namespace

void write_group(const SGDOptions& options, Dict& group) {
  group["lr"] = options.lr();
  group["momentum"] = options.momentum();
  group["dampening"] = options.dampening();
  group["weight_decay"] = options.weight_decay();
  group["nesterov"] = options.nesterov();
  group["maximize"] = false;
  group["foreach"] = nullptr;
  group["differentiable"] = false;
  group["fused"] = nullptr;
}

void write_group(const AdamOptions& options, Dict& group) {
  write_adam_group(options, /*decoupled=*/false, group);
}

void write_group(const AdamWOptions& options, Dict& group) {
  write_adam_group(options, /*decoupled=*/true, group);
}

void read_group(const Entry& group, SGDOptions& options) {
  read(group, "lr", options.lr());
  read(group, "momentum", options.momentum());
  read(group, "dampening", options.dampening());
  read(group, "weight_decay", options.weight_decay());
  read(group, "nesterov", options.nesterov());
  require(group, "maximize", false);
}

void read_group(const Entry& group, AdamOptions& options) {
  read_adam_group(group, /*decoupled=*/false, options);
}

void read_group(const Entry& group, AdamWOptions& options) {
  read_adam_group(group, /*decoupled=*/true, options);
}

Value write_state(const SGDParamState& state, StorageMap& storages) {
  Dict dict;
  const auto& buffer = state.momentum_buffer();
  dict["momentum_buffer"] = buffer.defined() ? Value(storages.to_stored(buffer)) : Value();
  return dict;
}

Value write_state(const AdamParamState& state, StorageMap& storages) {
  return write_adam_state(state, storages);
}

Value write_state(const AdamWParamState& state, StorageMap& storages) {
  return write_adam_state(state, storages);
}

// LibTorch takes an entry without a buffer for one that has it, so there is none for None (momentum
// 0).
std::unique_ptr<OptimizerParamState> read_state(const Entry& entry, const at::Tensor& parameter,
                                                const SGDOptions&) {
  auto buffer = read_tensor(entry, "momentum_buffer", parameter);
  if (!buffer.defined()) return nullptr;
  auto state = std::make_unique<SGDParamState>();
  state->momentum_buffer(std::move(buffer));
  return state;
}

std::unique_ptr<OptimizerParamState> read_state(const Entry& entry, const at::Tensor& parameter,
                                                const AdamOptions& options) {
  return read_adam_state<AdamParamState>(entry, parameter, options.amsgrad());
}

std::unique_ptr<OptimizerParamState> read_state(const Entry& entry, const at::Tensor& parameter,
                                                const AdamWOptions& options) {
  return read_adam_state<AdamWParamState>(entry, parameter, options.amsgrad());
}

}  // namespace cairn::checkpoint
