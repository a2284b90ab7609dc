#include "trainer/module.hpp"

#include <stdexcept>

#include <torch/optim/optimizer.h>

#include "trainer/callback.hpp"
#include "trainer/loop/clip.hpp"
#include "trainer/schedulers.hpp"

namespace cairn {
namespace {

// Depth first, each module before its children: the order in which train() of a parent can be
// corrected by its children.
template <class Visit>
void for_each_module(torch::nn::Module& module, const Visit& visit) {
  visit(module);
  for (const auto& child : module.children()) for_each_module(*child, visit);
}

}  // namespace

checkpoint::StateDict Module::state_dict() const {
  return checkpoint::state_dict(*this);
}

checkpoint::LoadReport Module::load_state_dict(const checkpoint::StateDict& state, bool strict) {
  return checkpoint::load_state_dict(*this, state, {.strict = strict});
}

void Module::on_save_checkpoint(Checkpoint&) {}
void Module::on_load_checkpoint(Checkpoint&) {}

void Module::optimizer_step(torch::optim::Optimizer& optimizer,
                            const std::function<at::Tensor()>& closure) {
  closure();
  optimizer.step();
}

void Module::optimizer_zero_grad(torch::optim::Optimizer& optimizer) {
  optimizer.zero_grad();
}

void Module::backward(const at::Tensor& loss) {
  loss.backward();
}

void Module::configure_gradient_clipping(torch::optim::Optimizer& optimizer,
                                         std::optional<double> clip_val) {
  if (!clip_val) return;
  std::vector<at::Tensor> parameters;
  for (const auto& group : optimizer.param_groups())
    parameters.insert(parameters.end(), group.params().begin(), group.params().end());
  detail::clip_grad_norm(parameters, *clip_val);
}

void Module::lr_scheduler_step(LRScheduler& scheduler) {
  scheduler.step();
}

std::vector<std::shared_ptr<Callback>> Module::configure_callbacks() {
  return {};
}

void Module::on_validation_model_eval() {
  eval();
}

void Module::on_validation_model_train() {
  std::size_t index = 0;
  for_each_module(*this, [&](torch::nn::Module& module) {
    if (index < modes_.size() && module.is_training() != modes_[index]) module.train(modes_[index]);
    ++index;
  });
}

void Module::remember_modes() {
  modes_.clear();
  for_each_module(*this,
                  [&](torch::nn::Module& module) { modes_.push_back(module.is_training()); });
}

Trainer& Module::trainer() const {
  if (trainer_ == nullptr)
    throw std::logic_error("Module::trainer(): the module is not in fit, validate or test");
  return *trainer_;
}

checkpoint::StateDict without_prefix(checkpoint::StateDict state, std::string_view prefix) {
  state.erase_if([&](std::string_view name) { return name.starts_with(prefix); });
  return state;
}

}  // namespace cairn
