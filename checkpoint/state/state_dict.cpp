// Modules: names and tensors out, checked copies in.
#include <sstream>
#include <unordered_map>
#include <utility>

#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>
#include <torch/nn/module.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/instancenorm.h>

#include "checkpoint/state/load_plan.hpp"
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

// What the options take of a state, under the module's names.
struct Incoming {
  StateDict tensors{};
  std::unordered_map<std::string, std::int64_t> norm_versions{};  // by the name of the count
};

// A version stands under the module's name; it is found by the name that the count would have.
std::unordered_map<std::string, std::int64_t> norm_versions(const StateDict& state,
                                                            const LoadStateOptions& options) {
  std::unordered_map<std::string, std::int64_t> versions;
  if (state.metadata().kind() != Kind::dict) return versions;
  for (const auto& [key, value] : state.metadata().as_dict().items()) {
    if (key.kind() != Kind::string || !value.contains("version")) continue;
    const auto& module = key.as_string();
    const auto name = (module.empty() ? module : module + ".") + std::string(batches_tracked);
    if (!name.starts_with(options.prefix)) continue;
    const auto own = name.substr(options.prefix.size());
    versions[options.rename ? options.rename(own) : own] = value.at("version").as_int();
  }
  return versions;
}

Incoming take(const StateDict& state, const LoadStateOptions& options, LoadReport& report) {
  Incoming incoming{.norm_versions = norm_versions(state, options)};
  for (const auto& [name, tensor] : state.items()) {
    if (!name.starts_with(options.prefix)) continue;
    const auto own = name.substr(options.prefix.size());
    const auto renamed = options.rename ? options.rename(own) : own;
    if (incoming.tensors.contains(renamed)) {
      throw Error(ErrorCode::mismatch, "load_state_dict: \"" + own +
                                           "\" and another name both become \"" + renamed + "\"");
    }
    if (renamed != own) report.renamed.emplace_back(own, renamed);
    incoming.tensors.set(renamed, tensor);
  }
  return incoming;
}

// Version 1 of the norms had no num_batches_tracked; then, as in Python, the module keeps its own.
bool may_lack(const std::string& name, const Incoming& incoming) {
  const auto dot = name.rfind('.');
  if ((dot == std::string::npos ? name : name.substr(dot + 1)) != batches_tracked) return false;
  const auto version = incoming.norm_versions.find(name);
  return version == incoming.norm_versions.end() || version->second < 2;
}

}  // namespace

Plan plan_load(const torch::nn::Module& module, const StateDict& state,
               const LoadStateOptions& options) {
  Plan plan;
  StateDict expected;
  auto& report = plan.report;
  const auto incoming = take(state, options, report);
  const auto compare = [&](const std::string& name, const at::Tensor& target) {
    expected.set(name, target);
    const auto* source = incoming.tensors.find(name);
    if (source == nullptr || !source->defined()) {
      if (!may_lack(name, incoming)) report.missing.push_back(name);
    } else if (source->sizes() != target.sizes()) {
      report.mismatched.push_back({name, target.sizes().vec(), source->sizes().vec()});
    } else {
      plan.copies.push_back({target, *source});
      report.loaded.push_back(name);
    }
  };
  walk(module, "", compare, [](const std::string&, const torch::nn::Module&) {});
  for (const auto& item : incoming.tensors.items()) {
    if (!expected.contains(item.first)) report.unexpected.push_back(item.first);
  }
  const bool names_ok = report.missing.empty() && report.unexpected.empty();
  const bool shapes_ok = report.mismatched.empty();
  if ((!shapes_ok && !options.skip_mismatched) || (!names_ok && options.strict)) {
    report.loaded.clear();
    throw Error(ErrorCode::mismatch, "load_state_dict: the state does not fit " + module.name() +
                                         ", nothing was loaded\n" + report.to_string());
  }
  return plan;
}

namespace {

// The same memory on another device, once for all tensors of one storage.
class Mover {
 public:
  explicit Mover(c10::Device device) : device_(device) {}

  at::Tensor move(const at::Tensor& tensor) {
    const bool plain = tensor.defined() && tensor.layout() == at::kStrided &&
                       tensor.has_storage() && !tensor.is_conj() && !tensor.is_neg();
    if (!plain || tensor.device() == device_) return tensor.defined() ? tensor.to(device_) : tensor;
    auto moved = at::empty({0}, tensor.options().device(device_).requires_grad(false));
    moved.set_(storage(tensor), tensor.storage_offset(), tensor.sizes(), tensor.strides());
    return moved.set_requires_grad(tensor.requires_grad());
  }

 private:
  c10::Storage storage(const at::Tensor& tensor) {
    auto& moved = moved_[tensor.storage().unsafeGetStorageImpl()];
    if (!moved.defined()) {
      const auto bytes = static_cast<std::int64_t>(tensor.storage().nbytes());
      auto all = at::empty({0}, tensor.options().dtype(at::kByte).requires_grad(false));
      moved = all.set_(tensor.storage(), 0, {bytes}, {1}).to(device_);
    }
    return moved.storage();
  }

  c10::Device device_;
  std::unordered_map<const c10::StorageImpl*, at::Tensor> moved_;
};

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

StateDict StateDict::to(c10::Device device) const {
  StateDict moved;
  Mover mover(device);
  for (const auto& [name, tensor] : items_) moved.set(name, mover.move(tensor));
  moved.set_metadata(metadata_);
  return moved;
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

namespace {

// A dict in it is a child, as C++ torch::save writes modules; what says of a module that it is in
// training is no part of its state.
void add_tensors(const Dict& dict, const std::string& prefix, StateDict& state) {
  for (const auto& [key, item] : dict.items()) {
    const auto name = prefix + key.as_string();
    if (item.kind() == Kind::dict) {
      add_tensors(item.as_dict(), name + ".", state);
    } else if (item.kind() == Kind::tensor || item.kind() == Kind::opaque || item.is_none()) {
      state.set(name, item.as<at::Tensor>());
    } else if (item.kind() != Kind::boolean || prefix.empty()) {
      throw Error(ErrorCode::type, "\"" + name + "\" of a state_dict must be a tensor, but is a " +
                                       std::string(to_string(item.kind())));
    }
  }
}

}  // namespace

StateDict ValueTraits<StateDict>::from_value(const Value& value) {
  if (value.kind() == Kind::opaque) {
    throw Error(ErrorCode::type, "a state_dict must be a dict of tensors, but is a " +
                                     value.as_opaque().full_name() +
                                     ": in Python save the module's state_dict(), not the module");
  }
  StateDict state;
  add_tensors(value.as_dict(), "", state);
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
  for (const auto& [from, to] : renamed) text += "renamed: " + from + " to " + to + "\n";
  if (!loaded.empty()) text += "loaded: " + std::to_string(loaded.size()) + " tensors\n";
  return text;
}

Rename rename_prefixes(std::vector<std::pair<std::string, std::string>> rules) {
  return [rules = std::move(rules)](std::string_view name) {
    for (const auto& [from, to] : rules) {
      if (name.starts_with(from)) return to + std::string(name.substr(from.size()));
    }
    return std::string(name);
  };
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
  auto [copies, report] = plan_load(module, state, options);
  const at::NoGradGuard no_grad;
  for (const auto& [to, from] : copies) to.copy_(from);
  return report;
}

}  // namespace cairn::checkpoint
