// Optimizers: Python numbers the parameters over the groups in their order, and keys the state by
// these numbers.
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "checkpoint/state.hpp"
#include "checkpoint/state/kept_fields.hpp"
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

// LibTorch's Adagrad makes its state in the constructor and can't step without it.
template <class Options>
constexpr bool needs_every_state = std::is_same_v<Options, torch::optim::AdagradOptions>;

// Calls `action` with the Layout of the optimizer. By its options, so that optimizers derived from
// LibTorch's are served too.
template <class Action>
auto with_kind(const Optimizer& optimizer, const Action& action) {
  using namespace torch::optim;  // NOLINT(google-build-using-namespace)
  const auto* options = &optimizer.defaults();
  const auto is = [options]<class Options>(std::in_place_type_t<Options>) {
    return dynamic_cast<const Options*>(options) != nullptr;
  };
  if (is(std::in_place_type<SGDOptions>)) return action(Layout<SGDOptions, SGDParamState>{});
  if (is(std::in_place_type<AdamOptions>)) return action(Layout<AdamOptions, AdamParamState>{});
  if (is(std::in_place_type<AdamWOptions>)) return action(Layout<AdamWOptions, AdamWParamState>{});
  if (is(std::in_place_type<RMSpropOptions>)) {
    return action(Layout<RMSpropOptions, RMSpropParamState>{});
  }
  if (is(std::in_place_type<AdagradOptions>)) {
    return action(Layout<AdagradOptions, AdagradParamState>{});
  }
  if (is(std::in_place_type<LBFGSOptions>)) return action(Layout<LBFGSOptions, LBFGSParamState>{});
  throw Error(ErrorCode::unsupported,
              "optimizer state: only SGD, Adam, AdamW, RMSprop, Adagrad and LBFGS have one");
}

template <class Options>
Dict pack_group(const OptimizerParamGroup& group) {
  Dict packed;
  write_group(static_cast<const Options&>(group.options()), packed);
  if (const auto* kept = dynamic_cast<const KeptFields*>(&group.options())) {
    packed = merge_fields(packed, kept->fields());
  }
  return packed;
}

template <class Kind>
Value write(const Optimizer& optimizer, Kind) {
  Dict states;
  List groups;
  StorageMap storages;
  std::int64_t id = 0;
  for (const auto& group : optimizer.param_groups()) {
    auto packed = pack_group<typename Kind::options_type>(group);
    List ids;
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

const Value& need_key(const Value& state, std::string_view key) {
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
    const auto count = need_key(saved[i], "params").as_sequence().size();
    if (count != groups[i].params().size()) {
      mismatch("group " + std::to_string(i) + " has " + std::to_string(count) +
               " parameters there, " + std::to_string(groups[i].params().size()) +
               " in the optimizer");
    }
  }
}

// What was read of a group, apart from the optimizer.
template <class Options>
struct NewGroup {
  Options options;
  Dict fields{};  // of the file, if they are more than the options say
  std::vector<std::pair<void*, std::unique_ptr<OptimizerParamState>>> states{};
};

// Without "params", which are numbered anew; empty if Options hold it all.
template <class Options>
Dict fields_beyond(const Options& options, const Value& saved) {
  Dict own;
  Dict fields;
  write_group(options, own);
  for (const auto& [key, value] : saved.as_dict().items()) {
    if (!equal(key, "params")) fields[key] = value;
  }
  return equal(own, fields) ? Dict() : fields;
}

template <class Options>
NewGroup<Options> read_group_and_states(const OptimizerParamGroup& group, const Value& saved,
                                        const std::string& where, const Dict& states) {
  NewGroup<Options> result{.options = static_cast<const Options&>(group.options())};
  read_group({saved, where}, result.options);
  result.fields = fields_beyond(result.options, saved);
  const auto ids = saved.at("params").as_sequence();
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto* found = states.find(ids[i]);
    const auto entry_name = "state[" + std::to_string(ids[i].as_int()) + "]";
    if (found == nullptr) {
      if (needs_every_state<Options>) mismatch(entry_name + " is missing");
      continue;
    }
    auto entry = read_state({*found, entry_name}, {group.params(), i}, result.options);
    if (entry) {
      result.states.emplace_back(group.params()[i].unsafeGetTensorImpl(), std::move(entry));
    }
  }
  return result;
}

// References to the options stay good where that can be.
template <class Options>
void set_options(OptimizerParamGroup& group, NewGroup<Options>& from) {
  auto* kept = dynamic_cast<KeptFields*>(&group.options());
  if (kept == nullptr && from.fields.size() != 0) {
    group.set_options(std::make_unique<KeepingOptions<Options>>(from.options, from.fields));
    return;
  }
  if (kept != nullptr) kept->set_fields(from.fields);
  static_cast<Options&>(group.options()) = from.options;
}

// All is read and checked into new objects first; only then does the optimizer change.
template <class Kind>
void read(Optimizer& optimizer, const Value& state, Kind) {
  using Options = typename Kind::options_type;
  auto& groups = optimizer.param_groups();
  const auto saved = need_key(state, "param_groups").as_sequence();
  const auto& states = need_key(state, "state").as_dict();
  check_groups(groups, saved);
  std::deque<NewGroup<Options>> news;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const auto where = "param_groups[" + std::to_string(i) + "]";
    news.push_back(read_group_and_states<Options>(groups[i], saved[i], where, states));
  }
  optimizer.state().clear();
  for (std::size_t i = 0; i < groups.size(); ++i) {
    set_options(groups[i], news[i]);
    for (auto& [key, entry] : news[i].states) optimizer.state()[key] = std::move(entry);
  }
}

}  // namespace

Value state_dict(const Optimizer& optimizer) {
  return with_kind(optimizer, [&](auto kind) { return write(optimizer, kind); });
}

void load_state_dict(Optimizer& optimizer, const Value& state) {
  with_kind(optimizer, [&](auto kind) { read(optimizer, state, kind); });
}

}  // namespace cairn::checkpoint
