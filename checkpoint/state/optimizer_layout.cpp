#include "checkpoint/state/optimizer_layout.hpp"

#include <tuple>
#include <utility>

#include "checkpoint/tensor.hpp"

namespace cairn::checkpoint {
namespace {

using torch::optim::AdagradOptions;
using torch::optim::AdagradParamState;
using torch::optim::AdamOptions;
using torch::optim::AdamParamState;
using torch::optim::AdamWOptions;
using torch::optim::AdamWParamState;
using torch::optim::RMSpropOptions;
using torch::optim::RMSpropParamState;
using torch::optim::SGDOptions;
using torch::optim::SGDParamState;

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
ReadState read_adam_state(const Entry& entry, const at::Tensor& parameter, bool amsgrad) {
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

void write_group(const AdagradOptions& options, Dict& group) {
  group["lr"] = options.lr();
  group["lr_decay"] = options.lr_decay();
  group["eps"] = options.eps();
  group["weight_decay"] = options.weight_decay();
  group["initial_accumulator_value"] = options.initial_accumulator_value();
  group["foreach"] = nullptr;
  group["maximize"] = false;
  group["differentiable"] = false;
  group["fused"] = nullptr;
}

void write_group(const AdamOptions& options, Dict& group) {
  write_adam_group(options, /*decoupled=*/false, group);
}

void write_group(const AdamWOptions& options, Dict& group) {
  write_adam_group(options, /*decoupled=*/true, group);
}

void write_group(const RMSpropOptions& options, Dict& group) {
  group["lr"] = options.lr();
  group["momentum"] = options.momentum();
  group["alpha"] = options.alpha();
  group["eps"] = options.eps();
  group["centered"] = options.centered();
  group["weight_decay"] = options.weight_decay();
  group["capturable"] = false;
  group["foreach"] = nullptr;
  group["maximize"] = false;
  group["differentiable"] = false;
}

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

void read_group(const Entry& group, AdagradOptions& options) {
  read(group, "lr", options.lr());
  read(group, "lr_decay", options.lr_decay());
  read(group, "eps", options.eps());
  read(group, "weight_decay", options.weight_decay());
  read(group, "initial_accumulator_value", options.initial_accumulator_value());
  require(group, "maximize", false);
}

void read_group(const Entry& group, AdamOptions& options) {
  read_adam_group(group, /*decoupled=*/false, options);
}

void read_group(const Entry& group, AdamWOptions& options) {
  read_adam_group(group, /*decoupled=*/true, options);
}

void read_group(const Entry& group, RMSpropOptions& options) {
  read(group, "lr", options.lr());
  read(group, "momentum", options.momentum());
  read(group, "alpha", options.alpha());
  read(group, "eps", options.eps());
  read(group, "centered", options.centered());
  read(group, "weight_decay", options.weight_decay());
  require(group, "maximize", false);
}

void read_group(const Entry& group, SGDOptions& options) {
  read(group, "lr", options.lr());
  read(group, "momentum", options.momentum());
  read(group, "dampening", options.dampening());
  read(group, "weight_decay", options.weight_decay());
  read(group, "nesterov", options.nesterov());
  require(group, "maximize", false);
}

Value write_state(const AdagradParamState& state, StorageMap& storages) {
  return Dict{{"step", step_tensor(state.step())}, {"sum", storages.to_stored(state.sum())}};
}

Value write_state(const AdamParamState& state, StorageMap& storages) {
  return write_adam_state(state, storages);
}

Value write_state(const AdamWParamState& state, StorageMap& storages) {
  return write_adam_state(state, storages);
}

Value write_state(const RMSpropParamState& state, StorageMap& storages) {
  Dict dict{{"step", step_tensor(state.step())},
            {"square_avg", storages.to_stored(state.square_avg())}};
  const auto& buffer = state.momentum_buffer();
  if (buffer.defined()) dict["momentum_buffer"] = storages.to_stored(buffer);
  if (state.grad_avg().defined()) dict["grad_avg"] = storages.to_stored(state.grad_avg());
  return dict;
}

Value write_state(const SGDParamState& state, StorageMap& storages) {
  Dict dict;
  const auto& buffer = state.momentum_buffer();
  dict["momentum_buffer"] = buffer.defined() ? Value(storages.to_stored(buffer)) : Value();
  return dict;
}

ReadState read_state(const Entry& entry, const Owner& owner, const AdagradOptions&) {
  auto state = std::make_unique<AdagradParamState>();
  state->step(read_step(entry));
  state->sum(need_tensor(entry, "sum", owner.parameter()));
  return state;
}

ReadState read_state(const Entry& entry, const Owner& owner, const AdamOptions& options) {
  return read_adam_state<AdamParamState>(entry, owner.parameter(), options.amsgrad());
}

ReadState read_state(const Entry& entry, const Owner& owner, const AdamWOptions& options) {
  return read_adam_state<AdamWParamState>(entry, owner.parameter(), options.amsgrad());
}

ReadState read_state(const Entry& entry, const Owner& owner, const RMSpropOptions& options) {
  if (entry.value.as_dict().size() == 0) return nullptr;
  const auto& parameter = owner.parameter();
  auto state = std::make_unique<RMSpropParamState>();
  state->step(read_step(entry));
  state->square_avg(need_tensor(entry, "square_avg", parameter));
  state->momentum_buffer(options.momentum() > 0 ? need_tensor(entry, "momentum_buffer", parameter)
                                                : read_tensor(entry, "momentum_buffer", parameter));
  state->grad_avg(options.centered() ? need_tensor(entry, "grad_avg", parameter)
                                     : read_tensor(entry, "grad_avg", parameter));
  return state;
}

// LibTorch takes an entry without a buffer for one that has it, so there is none for None (momentum
// 0).
ReadState read_state(const Entry& entry, const Owner& owner, const SGDOptions&) {
  auto buffer = read_tensor(entry, "momentum_buffer", owner.parameter());
  if (!buffer.defined()) return nullptr;
  auto state = std::make_unique<SGDParamState>();
  state->momentum_buffer(std::move(buffer));
  return state;
}

}  // namespace cairn::checkpoint
