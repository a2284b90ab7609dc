// Optimizers: Python numbers the parameters over the groups in their order, and keys the state by
// these numbers.
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "checkpoint/state.hpp"
#include "checkpoint/state/optimizer_layout.hpp"

namespace cairn::checkpoint {
namespace {

using torch::optim::Optimizer;
using torch::optim::OptimizerOptions;
using torch::optim::OptimizerParamGroup;
using torch::optim::OptimizerParamState;

template <class Options, class State>
struct Layout {
  using options_type = Options;
  using state_type = State;
};

// Calls `action` with the Layout of the optimizer. By its options, so that optimizers derived from
// LibTorch's are served too.
template <class Action>
auto with_kind(const Optimizer& optimizer, const Action& action) {
  using namespace torch::optim;  // NOLINT(google-build-using-namespace)
  const auto* options = &optimizer.defaults();
  if (dynamic_cast<const SGDOptions*>(options)) return action(Layout<SGDOptions, SGDParamState>{});
  if (dynamic_cast<const AdamOptions*>(options)) {
    return action(Layout<AdamOptions, AdamParamState>{});
  }
  if (dynamic_cast<const AdamWOptions*>(options)) {
    return action(Layout<AdamWOptions, AdamWParamState>{});
  }
  throw Error(ErrorCode::unsupported, "optimizer state: only SGD, Adam and AdamW have one");
}

template <class Kind>
Value write(const Optimizer& optimizer, Kind) {
  Dict states;
  List groups;
  StorageMap storages;
  std::int64_t id = 0;
  for (const auto& group : optimizer.param_groups()) {
    Dict packed;
    List ids;
    write_group(static_cast<const typename Kind::options_type&>(group.options()), packed);
    for (const auto& parameter : group.params()) {
      const auto found = optimizer.state().find(parameter.unsafeGetTensorImpl());
      if (found != optimizer.state().end()) {
        const auto& state = static_cast<const typename Kind::state_type&>(*found->second);
        states[Value(id)] = write_state(state, storages);
      }
      ids.push_back(id++);
    }
    packed["params"] = ids;
    groups.push_back(packed);
  }
  return Dict{{"state", states}, {"param_groups", groups}};
}

[[noreturn]] void mismatch(const std::string& cause) {
  throw Error(ErrorCode::mismatch, "optimizer state: " + cause + "; nothing was loaded");
}

const Value& need(const Value& state, std::string_view key) {
  if (!state.contains(key)) {
    throw Error(ErrorCode::key, "optimizer state: no \"" + std::string(key) +
                                    "\": this is not the state_dict of an optimizer");
  }
  return state.at(key);
}

void check_groups(const std::vector<OptimizerParamGroup>& groups, std::span<const Value> saved) {
  if (groups.size() != saved.size()) {
    mismatch("it has " + std::to_string(saved.size()) + " parameter groups, the optimizer " +
             std::to_string(groups.size()));
  }
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const auto count = need(saved[i], "params").as_sequence().size();
    if (count != groups[i].params().size()) {
      mismatch("group " + std::to_string(i) + " has " + std::to_string(count) +
               " parameters there, " + std::to_string(groups[i].params().size()) +
               " in the optimizer");
    }
  }
}

// All is read and checked into new objects first; only then does the optimizer change.
template <class Kind>
void read(Optimizer& optimizer, const Value& state, Kind) {
  using Options = typename Kind::options_type;
  auto& groups = optimizer.param_groups();
  const auto saved = need(state, "param_groups").as_sequence();
  const auto& states = need(state, "state").as_dict();
  check_groups(groups, saved);
  std::vector<Options> options;
  std::vector<std::pair<void*, std::unique_ptr<OptimizerParamState>>> entries;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    options.push_back(static_cast<const Options&>(groups[i].options()));
    read_group({saved[i], "param_groups[" + std::to_string(i) + "]"}, options.back());
    const auto ids = saved[i].at("params").as_sequence();
    for (std::size_t j = 0; j < ids.size(); ++j) {
      const auto* found = states.find(ids[j]);
      if (found == nullptr) continue;
      const auto& parameter = groups[i].params()[j];
      const auto where = "state[" + std::to_string(ids[j].as_int()) + "]";
      auto entry = read_state({*found, where}, parameter, options.back());
      if (entry) entries.emplace_back(parameter.unsafeGetTensorImpl(), std::move(entry));
    }
  }
  for (std::size_t i = 0; i < groups.size(); ++i) {
    static_cast<Options&>(groups[i].options()) = options[i];
  }
  optimizer.state().clear();
  for (auto& [key, entry] : entries) optimizer.state()[key] = std::move(entry);
}

}  // namespace

Value state_dict(const Optimizer& optimizer) {
  return with_kind(optimizer, [&](auto kind) { return write(optimizer, kind); });
}

void load_state_dict(Optimizer& optimizer, const Value& state) {
  with_kind(optimizer, [&](auto kind) { read(optimizer, state, kind); });
}

}  // namespace cairn::checkpoint
