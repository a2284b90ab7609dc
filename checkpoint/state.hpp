// The state of LibTorch's modules and optimizers in Python's layout.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>

#include "checkpoint/format/value.hpp"

namespace torch::nn {
class Module;
}
namespace torch::optim {
class Optimizer;
}

namespace cairn::checkpoint {

/// Names and tensors of a module, in the order of registration (Python's). A value: edit it before it is saved or loaded.
class CAIRN_API StateDict {
 public:
  using Item = std::pair<std::string, at::Tensor>;
  [[nodiscard]] const std::vector<Item>& items() const& noexcept { return items_; }
  /// By value, so that `for (const auto& item : state_dict(module).items())` is safe.
  [[nodiscard]] std::vector<Item> items() && { return std::move(items_); }
  [[nodiscard]] std::size_t size() const noexcept { return items_.size(); }
  [[nodiscard]] const at::Tensor* find(std::string_view name) const;
  [[nodiscard]] bool contains(std::string_view name) const { return find(name) != nullptr; }
  void set(std::string name, at::Tensor tensor);  ///< replaces, or appends
  bool erase(std::string_view name);
  /// Drops the entries for which `drop(name)` holds; returns how many.
  std::size_t erase_if(const std::function<bool(std::string_view name)>& drop);
  /// Versions of the modules, {"": {"version": 1}, …}: torch's `_metadata`.
  [[nodiscard]] const Value& metadata() const noexcept { return metadata_; }
  void set_metadata(Value metadata) { metadata_ = std::move(metadata); }

 private:
  void rebuild_index();

  std::vector<Item> items_;
  std::unordered_map<std::string, std::size_t> index_;  // positions in items_
  Value metadata_;
};

template <>
struct CAIRN_API ValueTraits<StateDict> {
  static Value to_value(const StateDict& state);  ///< an OrderedDict
  static StateDict from_value(const Value& value);
};

struct ShapeMismatch {
  std::string name{};
  std::vector<std::int64_t> expected{};
  std::vector<std::int64_t> found{};
};

/// What did not fit.
struct CAIRN_API LoadReport {
  std::vector<std::string> missing{};     ///< in the module, not in the state
  std::vector<std::string> unexpected{};  ///< in the state, not in the module
  std::vector<ShapeMismatch> mismatched{};
  [[nodiscard]] bool ok() const noexcept { return missing.empty() && unexpected.empty() && mismatched.empty(); }
  [[nodiscard]] std::string to_string() const;  ///< a line per name; empty if ok
};

struct LoadStateOptions {
  bool strict{true};     ///< missing or unexpected names are an error
  std::string prefix{};  ///< take the names that begin with it, without it: "model."
};

/// Parameters and buffers under the dotted names that Python gives them, detached, on their device.
[[nodiscard]] CAIRN_API StateDict state_dict(const torch::nn::Module& module);
/// Copies into the module's tensors, wherever they are. Checks all before it copies any: after an Error(mismatch) the module is as it was.
/// A shape that differs is an error also if not strict.
CAIRN_API LoadReport load_state_dict(torch::nn::Module& module, const StateDict& state, const LoadStateOptions& options = {});

/// Python's layout: {"state": {0: {…}}, "param_groups": [{…, "params": [0, …]}]}. SGD, Adam, AdamW; Error(unsupported) for others.
[[nodiscard]] CAIRN_API Value state_dict(const torch::optim::Optimizer& optimizer);
/// From C++ or Python. Hyper-parameters of the groups are taken from the state, as in Python. Error(mismatch) if the groups differ.
CAIRN_API void load_state_dict(torch::optim::Optimizer& optimizer, const Value& state);

}  // namespace cairn::checkpoint
