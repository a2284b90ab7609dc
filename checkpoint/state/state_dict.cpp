// Modules: names and tensors out, checked copies in.
#include <sstream>
#include <utility>

#include <ATen/core/grad_mode.h>
#include <torch/nn/module.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/instancenorm.h>

#include "checkpoint/state.hpp"
#include "checkpoint/state/storage_map.hpp"
#include "checkpoint/tensor.hpp"

namespace cairn::checkpoint {
namespace {

constexpr std::string_view batches_tracked = "num_batches_tracked";

template <class... Modules>
bool is_any_of(const torch::nn::Module& module) {
  return ((dynamic_cast<const Modules*>(&module) != nullptr) || ...);
}

// Python's Module._version: 2 for what derives from _NormBase there, 1 for all other modules that
// LibTorch has.
std::int64_t version_of(const torch::nn::Module& module) {
  using namespace torch::nn;  // NOLINT(google-build-using-namespace)
  return is_any_of<BatchNorm1dImpl, BatchNorm2dImpl, BatchNorm3dImpl, InstanceNorm1dImpl,
                   InstanceNorm2dImpl, InstanceNorm3dImpl>(module)
             ? 2
             : 1;
}

// Python's order: a module's parameters, its buffers, then its children. A module under two names
// comes twice, as there.
template <class Tensors, class Modules>
void walk(const torch::nn::Module& module, const std::string& prefix, const Tensors& on_tensor,
          const Modules& on_module) {
  on_module(prefix, module);
  for (const auto& item : module.named_parameters(/*recurse=*/false)) {
    if (item.value().defined()) on_tensor(prefix + item.key(), item.value());
  }
  for (const auto& item : module.named_buffers(/*recurse=*/false)) {
    if (item.value().defined()) on_tensor(prefix + item.key(), item.value());
  }
  for (const auto& child : module.named_children()) {
    walk(*child.value(), prefix + child.key() + ".", on_tensor, on_module);
  }
}

std::string without_dot(std::string prefix) {
  if (prefix.ends_with('.')) prefix.pop_back();
  return prefix;
}

std::string shape(const std::vector<std::int64_t>& sizes) {
  std::ostringstream text;
  text << '[';
  for (std::size_t i = 0; i < sizes.size(); ++i) text << (i == 0 ? "" : ", ") << sizes[i];
  text << ']';
  return text.str();
}

// Version 1 of the norms had no num_batches_tracked; then, as in Python, the module keeps its own.
bool may_lack(const std::string& name, const StateDict& state, const std::string& prefix) {
  const auto dot = name.rfind('.');
  const std::string own = dot == std::string::npos ? name : name.substr(dot + 1);
  if (own != batches_tracked) return false;
  const auto module = dot == std::string::npos ? std::string() : name.substr(0, dot + 1);
  const auto& versions = state.metadata();
  const auto key = without_dot(prefix + module);
  if (!versions.contains(key) || !versions.at(key).contains("version")) return true;
  return versions.at(key).at("version").as_int() < 2;
}

struct Copy {
  at::Tensor to;
  at::Tensor from;
};

struct Plan {
  std::vector<Copy> copies{};
  LoadReport report{};
};

Plan plan_load(const torch::nn::Module& module, const StateDict& state, const std::string& prefix) {
  Plan plan;
  StateDict expected;
  const auto compare = [&](const std::string& name, const at::Tensor& target) {
    expected.set(name, target);
    const auto* source = state.find(prefix + name);
    if (source == nullptr || !source->defined()) {
      if (!may_lack(name, state, prefix)) plan.report.missing.push_back(name);
    } else if (source->sizes() != target.sizes()) {
      plan.report.mismatched.push_back({name, target.sizes().vec(), source->sizes().vec()});
    } else {
      plan.copies.push_back({target, *source});
    }
  };
  walk(module, "", compare, [](const std::string&, const torch::nn::Module&) {});
  for (const auto& [name, tensor] : state.items()) {
    if (!name.starts_with(prefix)) continue;
    auto own = name.substr(prefix.size());
    if (!expected.contains(own)) plan.report.unexpected.push_back(std::move(own));
  }
  return plan;
}

}  // namespace

const at::Tensor* StateDict::find(std::string_view name) const {
  const auto found = index_.find(std::string(name));
  return found == index_.end() ? nullptr : &items_[found->second].second;
}

void StateDict::set(std::string name, at::Tensor tensor) {
  const auto [entry, inserted] = index_.try_emplace(name, items_.size());
  if (inserted) {
    items_.emplace_back(std::move(name), std::move(tensor));
  } else {
    items_[entry->second].second = std::move(tensor);
  }
}

bool StateDict::erase(std::string_view name) {
  return erase_if([name](std::string_view other) { return other == name; }) != 0;
}

std::size_t StateDict::erase_if(const std::function<bool(std::string_view name)>& drop) {
  const auto erased = std::erase_if(items_, [&](const Item& item) { return drop(item.first); });
  if (erased != 0) rebuild_index();
  return erased;
}

void StateDict::rebuild_index() {
  index_.clear();
  for (std::size_t i = 0; i < items_.size(); ++i) index_.emplace(items_[i].first, i);
}

Value ValueTraits<StateDict>::to_value(const StateDict& state) {
  auto dict = Dict::ordered();
  StorageMap storages;
  for (const auto& [name, tensor] : state.items()) {
    dict[Value(name)] = tensor.defined() ? Value(storages.to_stored(tensor)) : Value();
  }
  if (!state.metadata().is_none()) dict.set_attributes(Dict{{"_metadata", state.metadata()}});
  return dict;
}

StateDict ValueTraits<StateDict>::from_value(const Value& value) {
  StateDict state;
  for (const auto& [key, item] : value.as_dict().items()) {
    const auto& name = key.as_string();
    if (item.kind() != Kind::tensor && !item.is_none()) {
      throw Error(ErrorCode::type, "\"" + name + "\" of a state_dict must be a tensor, but is a " +
                                       std::string(to_string(item.kind())));
    }
    state.set(name, item.as<at::Tensor>());
  }
  const auto& attributes = value.as_dict().attributes();
  if (attributes.contains("_metadata")) state.set_metadata(attributes.at("_metadata"));
  return state;
}

std::string LoadReport::to_string() const {
  std::string text;
  for (const auto& name : missing) text += "missing: " + name + "\n";
  for (const auto& name : unexpected) text += "unexpected: " + name + "\n";
  for (const auto& [name, expected, found] : mismatched) {
    text += "shape of " + name + ": expected " + shape(expected) + ", found " + shape(found) + "\n";
  }
  return text;
}

StateDict state_dict(const torch::nn::Module& module) {
  StateDict state;
  auto versions = Dict::ordered();
  walk(
      module, "",
      [&](std::string name, const at::Tensor& tensor) {
        state.set(std::move(name), tensor.detach());
      },
      [&](const std::string& prefix, const torch::nn::Module& child) {
        versions[Value(without_dot(prefix))] = Dict{{"version", version_of(child)}};
      });
  state.set_metadata(versions);
  return state;
}

LoadReport load_state_dict(torch::nn::Module& module, const StateDict& state,
                           const LoadStateOptions& options) {
  const auto plan = plan_load(module, state, options.prefix);
  const auto& report = plan.report;
  const bool strict_ok = report.missing.empty() && report.unexpected.empty();
  if (!report.mismatched.empty() || (options.strict && !strict_ok)) {
    throw Error(ErrorCode::mismatch, "load_state_dict: the state does not fit " + module.name() +
                                         ", nothing was loaded\n" + report.to_string());
  }
  const at::NoGradGuard no_grad;
  for (const auto& [to, from] : plan.copies) to.copy_(from);
  return report;
}

}  // namespace cairn::checkpoint
