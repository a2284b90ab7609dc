// L-BFGS has one state for all parameters together, which Python and LibTorch keep at the first.
#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

#include <ATen/Functions.h>

#include "checkpoint/format/find_tensor.hpp"
#include "checkpoint/state/optimizer_layout.hpp"
#include "checkpoint/tensor.hpp"

namespace cairn::checkpoint {
namespace {

using torch::optim::LBFGSOptions;
using torch::optim::LBFGSParamState;

template <class Tensors>
List write_list(const Tensors& tensors, StorageMap& storages) {
  List list;
  for (const auto& tensor : tensors) {
    list.push_back(tensor.defined() ? Value(storages.to_stored(tensor)) : Value());
  }
  return list;
}

// Python begins with the int 1 and goes on with a tensor; LibTorch with an int64 tensor.
Value write_diagonal(const at::Tensor& diagonal, StorageMap& storages) {
  if (c10::isIntegralType(diagonal.scalar_type(), /*includeBool=*/false)) {
    return diagonal.item<std::int64_t>();
  }
  return storages.to_stored(diagonal);
}

at::Tensor read_diagonal(const Entry& entry, const at::Tensor& parameter) {
  const auto& value = need(entry, "H_diag");
  const auto size = number(entry, "H_diag", value);
  if (find_tensor(value) != nullptr) return read_any_tensor(entry, "H_diag", value, parameter);
  if (value.kind() == Kind::integer) return at::scalar_tensor(value.as_int(), at::kLong);
  return at::scalar_tensor(size, parameter.options().requires_grad(false));
}

// A flat tensor over all parameters of the group.
at::Tensor flat_tensor(const Entry& entry, std::string_view key, const Value& value,
                       const Owner& owner) {
  std::int64_t elements = 0;
  for (const auto& parameter : owner.group) elements += parameter.numel();
  auto tensor = read_any_tensor(entry, key, value, owner.parameter());
  if (tensor.dim() != 1 || tensor.numel() != elements) {
    fail(ErrorCode::mismatch, entry, key,
         c10::str("has the shape ", tensor.sizes(), ", the parameters ", elements, " elements"));
  }
  return tensor;
}

std::span<const Value> items(const Entry& entry, std::string_view key) {
  const auto& value = need(entry, key);
  if (value.kind() != Kind::list && value.kind() != Kind::tuple) {
    fail(ErrorCode::type, entry, key, "must be a list");
  }
  return value.as_sequence();
}

std::deque<at::Tensor> flat_tensors(const Entry& entry, std::string_view key, const Owner& owner) {
  std::deque<at::Tensor> tensors;
  for (const auto& item : items(entry, key)) {
    tensors.push_back(flat_tensor(entry, key, item, owner));
  }
  return tensors;
}

at::Tensor scalar_tensor(const Entry& entry, std::string_view key, const Value& value,
                         const Owner& owner) {
  auto tensor = read_any_tensor(entry, key, value, owner.parameter());
  if (tensor.numel() != 1) fail(ErrorCode::mismatch, entry, key, "must hold tensors of one number");
  return tensor;
}

// LibTorch indexes it by the number of a direction, of which there are up to history_size.
std::vector<at::Tensor> read_factors(const Entry& entry, const Owner& owner,
                                     const LBFGSOptions& options) {
  std::vector<at::Tensor> factors;
  for (const auto& item : items(entry, "al")) {
    factors.push_back(item.is_none() ? at::Tensor() : scalar_tensor(entry, "al", item, owner));
  }
  factors.resize(std::max(factors.size(), static_cast<std::size_t>(options.history_size())));
  return factors;
}

void read_history(const Entry& entry, const Owner& owner, const LBFGSOptions& options,
                  LBFGSParamState& state) {
  state.old_dirs(flat_tensors(entry, "old_dirs", owner));
  state.old_stps(flat_tensors(entry, "old_stps", owner));
  for (const auto& item : items(entry, "ro")) {
    state.ro().push_back(scalar_tensor(entry, "ro", item, owner));
  }
  const auto size = state.old_dirs().size();
  if (state.old_stps().size() != size || state.ro().size() != size) {
    fail(ErrorCode::mismatch, entry, "old_dirs", "and old_stps and ro differ in length");
  }
  if (size > static_cast<std::size_t>(options.history_size())) {
    fail(ErrorCode::mismatch, entry, "old_dirs", "is longer than history_size");
  }
  const auto* factors = find(entry, "al");
  if (factors != nullptr && !factors->is_none()) state.al(read_factors(entry, owner, options));
}

}  // namespace

void write_group(const LBFGSOptions& options, Dict& group) {
  group["lr"] = options.lr();
  group["max_iter"] = options.max_iter();
  group["max_eval"] = options.max_eval() ? Value(*options.max_eval()) : Value();
  group["tolerance_grad"] = options.tolerance_grad();
  group["tolerance_change"] = options.tolerance_change();
  group["history_size"] = options.history_size();
  const auto& search = options.line_search_fn();
  group["line_search_fn"] = search ? Value(*search) : Value();
  group["maximize"] = false;
}

void read_group(const Entry& group, LBFGSOptions& options) {
  read(group, "lr", options.lr());
  read(group, "max_iter", options.max_iter());
  read(group, "max_eval", options.max_eval());
  read(group, "tolerance_grad", options.tolerance_grad());
  read(group, "tolerance_change", options.tolerance_change());
  read(group, "history_size", options.history_size());
  read(group, "line_search_fn", options.line_search_fn());
  require(group, "maximize", false);
  constexpr std::int64_t most = 1'000'000;  // factors are allocated for each
  if (options.history_size() < 0 || options.history_size() > most) {
    fail(ErrorCode::limit, group, "history_size", "is not within 0 and a million");
  }
}

Value write_state(const LBFGSParamState& state, StorageMap& storages) {
  Dict dict{{"func_evals", state.func_evals()}, {"n_iter", state.n_iter()}};
  if (state.al()) dict["al"] = write_list(*state.al(), storages);
  if (!state.d().defined()) return dict;  // the first gradient was zero: Python has no more either
  dict["d"] = storages.to_stored(state.d());
  dict["t"] = state.t();
  dict["old_dirs"] = write_list(state.old_dirs(), storages);
  dict["old_stps"] = write_list(state.old_stps(), storages);
  dict["ro"] = write_list(state.ro(), storages);
  dict["H_diag"] = write_diagonal(state.H_diag(), storages);
  dict["prev_flat_grad"] = storages.to_stored(state.prev_flat_grad());
  dict["prev_loss"] = state.prev_loss();
  return dict;
}

ReadState read_state(const Entry& entry, const Owner& owner, const LBFGSOptions& options) {
  if (entry.value.as_dict().size() == 0) return nullptr;
  auto state = std::make_unique<LBFGSParamState>();
  read(entry, "func_evals", state->func_evals());
  read(entry, "n_iter", state->n_iter());
  if (state->n_iter() == 0) return state;
  state->d(flat_tensor(entry, "d", need(entry, "d"), owner));
  state->t(number(entry, "t", need(entry, "t")));
  state->H_diag(read_diagonal(entry, owner.parameter()));
  state->prev_flat_grad(flat_tensor(entry, "prev_flat_grad", need(entry, "prev_flat_grad"), owner));
  state->prev_loss(number(entry, "prev_loss", need(entry, "prev_loss")));
  read_history(entry, owner, options, *state);
  return state;
}

}  // namespace cairn::checkpoint
