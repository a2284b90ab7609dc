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
  /// The same with all tensors on `device`, as torch.load's map_location gives them; tied tensors stay tied. Throws c10::Error for a
  /// device that is not there.
  [[nodiscard]] StateDict to(c10::Device device) const;

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

/// What was loaded, and what did not fit. Names are the module's.
struct CAIRN_API LoadReport {
  std::vector<std::string> missing{};     ///< in the module, not in the state
  std::vector<std::string> unexpected{};  ///< in the state, not in the module
  std::vector<ShapeMismatch> mismatched{};
  std::vector<std::pair<std::string, std::string>> renamed{};  ///< from the state's name (without the prefix) to the module's
  std::vector<std::string> loaded{};
  [[nodiscard]] bool ok() const noexcept { return missing.empty() && unexpected.empty() && mismatched.empty(); }
  [[nodiscard]] std::string to_string() const;  ///< a line per name that did not fit or was renamed, and one with the count of what was loaded
};

/// The module's name for a name of the state.
using Rename = std::function<std::string(std::string_view name)>;
/// Replaces the beginning `first` by `second`, by the first rule that fits: rename_prefixes({{"module.", ""}, {"backbone.", "encoder."}}).
[[nodiscard]] CAIRN_API Rename rename_prefixes(std::vector<std::pair<std::string, std::string>> rules);

struct LoadStateOptions {
  bool strict{true};            ///< missing or unexpected names are an error
  std::string prefix{};         ///< take the names that begin with it, without it: "model."
  Rename rename{};              ///< of each name that was taken; two that become one are an Error(mismatch)
  bool skip_mismatched{false};  ///< tensors of another shape are left out, as for a new head of another size
};

/// Parameters and buffers under the dotted names that Python gives them, detached, on their device.
[[nodiscard]] CAIRN_API StateDict state_dict(const torch::nn::Module& module);
/// Copies into the module's tensors, wherever they are. Checks all before it copies any: after an Error(mismatch) the module is as it was.
/// A shape that differs is an error also if not strict, unless skip_mismatched.
CAIRN_API LoadReport load_state_dict(torch::nn::Module& module, const StateDict& state, const LoadStateOptions& options = {});

/// Python's layout: {"state": {0: {…}}, "param_groups": [{…, "params": [0, …]}]}. SGD, Adam, AdamW, RMSprop, Adagrad and LBFGS;
/// Error(unsupported) for others. Fields of the file that was loaded last come back, also those that LibTorch has no place for.
[[nodiscard]] CAIRN_API Value state_dict(const torch::optim::Optimizer& optimizer);
/// From C++ or Python. Hyper-parameters of the groups are taken from the state, as in Python; what else is there (foreach, fused, initial_lr)
/// is kept for state_dict. For that a group's options may be replaced by an object of a derived class: take references to them anew.
/// All or nothing. Error(mismatch) if the groups or shapes differ, Error(unsupported) for what changes the steps and LibTorch can't do.
CAIRN_API void load_state_dict(torch::optim::Optimizer& optimizer, const Value& state);

}  // namespace cairn::checkpoint
