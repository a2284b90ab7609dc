#include "trainer/schedulers.hpp"

#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>
#include <utility>

#include <torch/optim/optimizer.h>

namespace cairn {

using checkpoint::Dict;
using checkpoint::Error;
using checkpoint::ErrorCode;
using checkpoint::Value;

LRScheduler::LRScheduler(torch::optim::Optimizer& optimizer) : optimizer_(&optimizer) {
  for (const auto& group : optimizer.param_groups()) base_lrs_.push_back(group.options().get_lr());
}

void LRScheduler::initial_step() {
  is_initial_ = true;
  step();
  is_initial_ = false;
}

void LRScheduler::step() {
  ++step_count_;
  ++last_epoch_;
  auto& groups = optimizer_->param_groups();
  last_lr_.resize(groups.size());
  for (std::size_t i = 0; i < groups.size(); ++i) {
    auto& options = groups[i].options();
    last_lr_[i] = next_lr(options.get_lr(), base_lrs_.at(i));
    options.set_lr(last_lr_[i]);
  }
}

Value LRScheduler::state_dict() const {
  Dict state;
  save_parameters(state);
  state["base_lrs"] = Value(base_lrs_);
  state["last_epoch"] = last_epoch_;
  state["_step_count"] = step_count_;
  state["_is_initial"] = false;
  state["_get_lr_called_within_step"] = false;
  state["_last_lr"] = Value(last_lr_);
  return state;
}

void LRScheduler::load_state_dict(const Value& state) {
  auto base_lrs = state.at("base_lrs").as<std::vector<double>>();
  auto last_lr = state.at("_last_lr").as<std::vector<double>>();
  if (base_lrs.size() != base_lrs_.size() || last_lr.size() != base_lrs_.size()) {
    throw Error(ErrorCode::mismatch,
                "the schedule's state is for " + std::to_string(base_lrs.size()) +
                    " parameter groups, the optimizer has " + std::to_string(base_lrs_.size()));
  }
  load_parameters(state.as_dict());
  base_lrs_ = std::move(base_lrs);
  last_lr_ = std::move(last_lr);
  last_epoch_ = state.at("last_epoch").as_int();
  step_count_ = state.at("_step_count").as_int();
}

StepLR::StepLR(torch::optim::Optimizer& optimizer, StepLROptions options)
    : LRScheduler(optimizer), options_(options) {
  if (options.step_size < 1) throw std::invalid_argument("StepLR: step_size must be at least 1");
  initial_step();
}
double StepLR::next_lr(double lr, double) const {
  return last_epoch() == 0 || last_epoch() % options_.step_size != 0 ? lr : lr * options_.gamma;
}
void StepLR::save_parameters(Dict& state) const {
  state["step_size"] = options_.step_size;
  state["gamma"] = options_.gamma;
}
void StepLR::load_parameters(const Dict& state) {
  options_ = {.step_size = state.at("step_size").as_int(), .gamma = state.at("gamma").as_double()};
}

ExponentialLR::ExponentialLR(torch::optim::Optimizer& optimizer, ExponentialLROptions options)
    : LRScheduler(optimizer), options_(options) {
  initial_step();
}
double ExponentialLR::next_lr(double lr, double) const {
  return is_initial() ? lr : lr * options_.gamma;
}
void ExponentialLR::save_parameters(Dict& state) const {
  state["gamma"] = options_.gamma;
}
void ExponentialLR::load_parameters(const Dict& state) {
  options_.gamma = state.at("gamma").as_double();
}

CosineAnnealingLR::CosineAnnealingLR(torch::optim::Optimizer& optimizer,
                                     CosineAnnealingLROptions options)
    : LRScheduler(optimizer), options_(options) {
  if (options.T_max < 1) throw std::invalid_argument("CosineAnnealingLR: T_max must be at least 1");
  initial_step();
}
double CosineAnnealingLR::next_lr(double lr, double base_lr) const {
  if (is_initial()) return lr;
  constexpr double pi = std::numbers::pi;
  const auto period = static_cast<double>(options_.T_max);
  const auto epoch = static_cast<double>(last_epoch());
  // Right after a minimum the recursion divides by zero: it starts again from the closed form's
  // difference. Python's % is not negative.
  const std::int64_t since_minimum = last_epoch() - 1 - options_.T_max;
  if (since_minimum % (2 * options_.T_max) == 0)
    return lr + (base_lr - options_.eta_min) * (1 - std::cos(pi / period)) / 2;
  return (1 + std::cos(pi * epoch / period)) / (1 + std::cos(pi * (epoch - 1) / period)) *
             (lr - options_.eta_min) +
         options_.eta_min;
}
void CosineAnnealingLR::save_parameters(Dict& state) const {
  state["T_max"] = options_.T_max;
  state["eta_min"] = options_.eta_min;
}
void CosineAnnealingLR::load_parameters(const Dict& state) {
  options_ = {.T_max = state.at("T_max").as_int(), .eta_min = state.at("eta_min").as_double()};
}

LinearLR::LinearLR(torch::optim::Optimizer& optimizer, LinearLROptions options)
    : LRScheduler(optimizer), options_(options) {
  if (options.start_factor <= 0 || options.start_factor > 1)
    throw std::invalid_argument("LinearLR: start_factor must be in (0, 1]");
  if (options.end_factor < 0 || options.end_factor > 1)
    throw std::invalid_argument("LinearLR: end_factor must be in [0, 1]");
  if (options.total_iters < 1)
    throw std::invalid_argument("LinearLR: total_iters must be at least 1");
  initial_step();
}
double LinearLR::next_lr(double lr, double) const {
  if (last_epoch() == 0) return lr * options_.start_factor;
  if (is_initial() || last_epoch() > options_.total_iters) return lr;
  const double rise = options_.end_factor - options_.start_factor;
  return lr * (1.0 + rise / (static_cast<double>(options_.total_iters) * options_.start_factor +
                             static_cast<double>(last_epoch() - 1) * rise));
}
void LinearLR::save_parameters(Dict& state) const {
  state["start_factor"] = options_.start_factor;
  state["end_factor"] = options_.end_factor;
  state["total_iters"] = options_.total_iters;
}
void LinearLR::load_parameters(const Dict& state) {
  options_ = {.start_factor = state.at("start_factor").as_double(),
              .end_factor = state.at("end_factor").as_double(),
              .total_iters = state.at("total_iters").as_int()};
}

LambdaLR::LambdaLR(torch::optim::Optimizer& optimizer, std::function<double(std::int64_t)> factor)
    : LRScheduler(optimizer), factor_(std::move(factor)), groups_(optimizer.param_groups().size()) {
  initial_step();
}
double LambdaLR::next_lr(double, double base_lr) const {
  return base_lr * factor_(last_epoch());
}
void LambdaLR::save_parameters(Dict& state) const {
  state["lr_lambdas"] = checkpoint::List(std::vector<Value>(groups_));
}
void LambdaLR::load_parameters(const Dict&) {}

}  // namespace cairn
