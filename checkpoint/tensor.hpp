// at::Tensor in a Value, without a copy, with views and shared storages kept.
#pragma once

#include <ATen/core/Tensor.h>

#include "checkpoint/format/value.hpp"

namespace cairn::checkpoint {

/// Shares the tensor's memory, also that of an accelerator: it is copied part by part when it is saved, in the order of the stream that
/// is current now. Throws Error(unsupported) for sparse, quantized, meta and undefined tensors.
[[nodiscard]] CAIRN_API StoredTensor to_stored(const at::Tensor& tensor);
/// Shares the storage's memory; an accelerator's is copied to the CPU, once. Tensors of one Storage come out as views of one
/// c10::Storage. Throws Error(corrupt) for a view that reaches beyond its storage, Error(unsupported) for quantized types and those that this LibTorch does not have. Thread-safe.
[[nodiscard]] CAIRN_API at::Tensor to_tensor(const StoredTensor& tensor);

/// An undefined tensor is None. Sparse, quantized and nested tensors, and those of device meta, are the calls that torch.save has for
/// them; they come back as what they were.
template <>
struct CAIRN_API ValueTraits<at::Tensor> {
  static Value to_value(const at::Tensor& tensor);
  static at::Tensor from_value(const Value& value);
};

}  // namespace cairn::checkpoint
