// c10::Storage as checkpoint::Storage: the same memory gives the same object, so that sharing
// survives a copy from a device too.
#pragma once

#include <memory>
#include <unordered_map>

#include <ATen/core/Tensor.h>

#include "checkpoint/format/value.hpp"

namespace cairn::checkpoint {

/// For the tensors of one state. Not thread-safe.
class StorageMap {
 public:
  /// As to_stored, but two tensors of one c10::Storage come out with one Storage.
  [[nodiscard]] StoredTensor to_stored(const at::Tensor& tensor);

 private:
  struct Entry {
    c10::Storage source{};  // keeps the key's address from being used again
    std::shared_ptr<Storage> stored{};
  };
  std::unordered_map<const c10::StorageImpl*, Entry> entries_;
};

}  // namespace cairn::checkpoint
