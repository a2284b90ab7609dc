// From a file into a module, without memory in between where the two are alike.
#include <map>
#include <set>
#include <utility>

#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>

#include "checkpoint/checkpoint.hpp"
#include "checkpoint/format/find_tensor.hpp"
#include "checkpoint/state/load_plan.hpp"
#include "checkpoint/tensor.hpp"

namespace cairn::checkpoint {
namespace {

// The state of a file as tensors without data, and what each stands for.
struct Outline {
  StateDict state{};
  std::map<const c10::TensorImpl*, const Value*> stored{};
};

Outline outline_of(const Value& value) {
  Outline outline;
  for (const auto& [key, item] : value.as_dict().items()) {
    const auto& name = key.as_string();
    const StoredTensor* stored = find_tensor(item);
    if (stored == nullptr) {
      throw Error(ErrorCode::type, "\"" + name + "\" of a state_dict must be a tensor, but is a " +
                                       std::string(to_string(item.kind())));
    }
    const at::Tensor empty =
        at::empty(stored->sizes, at::TensorOptions(at::kMeta).dtype(at::kByte));
    outline.stored[empty.unsafeGetTensorImpl()] = &item;
    outline.state.set(name, empty);
  }
  const auto& attributes = value.as_dict().attributes();
  if (attributes.contains("_metadata")) outline.state.set_metadata(attributes.at("_metadata"));
  return outline;
}

// The memory of the module's tensor can be what is read into: it is all that the storage holds, in
// the same order.
bool is_alike(const at::Tensor& to, const StoredTensor& from) {
  return to.device().is_cpu() && to.layout() == at::kStrided && to.is_contiguous() &&
         !to.is_conj() && !to.is_neg() && !from.conjugate && !from.negative &&
         static_cast<int>(to.scalar_type()) == static_cast<int>(from.dtype) && from.offset == 0 &&
         from.is_contiguous() && from.storage->nbytes == to.nbytes();
}

}  // namespace

LoadReport load_into(torch::nn::Module& module, const format::Archive& file,
                     const LoadIntoOptions& options) {
  const Outline outline = outline_of(file.at(options.path));
  auto [copies, report] = plan_load(module, outline.state, options.state);
  std::vector<format::TensorRead> reads;
  std::set<const void*> taken;  // a tensor under two names is read into once
  std::vector<at::Tensor> others;
  List values;
  for (const auto& [to, from] : copies) {
    const Value& value = *outline.stored.at(from.unsafeGetTensorImpl());
    if (is_alike(to, value.as_tensor()) && taken.insert(to.const_data_ptr()).second) {
      reads.push_back({.tensor = &value.as_tensor(),
                       .into = {static_cast<std::byte*>(to.mutable_data_ptr()), to.nbytes()}});
    } else {
      others.push_back(to);
      values.push_back(value);
    }
  }
  const Value loaded = file.load_part(values);
  file.read(reads);
  const at::NoGradGuard no_grad;
  for (std::size_t i = 0; i < others.size(); ++i) others[i].copy_(loaded.at(i).as<at::Tensor>());
  return report;
}

}  // namespace cairn::checkpoint
