// Strided views, without trust: every overflow is checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "checkpoint/format/value.hpp"

namespace cairn::checkpoint::format {

/// What is wrong with the view (negative sizes or strides, elements outside the storage, overflow);
/// empty if nothing is.
[[nodiscard]] std::string view_problem(const StoredTensor& tensor, std::uint64_t storage_elements);

/// Quantized tensors have scales besides their elements, which a StoredTensor has not.
[[nodiscard]] bool is_quantized(DType dtype);

/// Throws Error(type or unsupported) unless the storage can be written: it has its data, which are
/// whole elements of that type.
void check_storage(const Storage& storage, DType dtype);
/// Likewise for a tensor, which must be a view into such a storage, of a type without scales.
void check_tensor(const StoredTensor& tensor);

/// Of elements without a gap, the last dimension fastest. Needs sizes whose product fits 64 bits.
[[nodiscard]] std::vector<std::int64_t> contiguous_strides(const std::vector<std::int64_t>& sizes);

/// How many elements of the storage lie from the view's first to its last. Needs a view that lies
/// in its storage.
[[nodiscard]] std::int64_t reach_of(const StoredTensor& tensor);

/// Walks over the elements of a view, the last dimension fastest: where each is in the storage.
class Positions {
 public:
  explicit Positions(const StoredTensor& tensor)
      : tensor_(&tensor), index_(tensor.sizes.size(), 0), at_(tensor.offset) {}
  [[nodiscard]] std::int64_t at() const noexcept { return at_; }  ///< in elements
  /// To the next element; from the last one to the first.
  void advance() noexcept;

 private:
  const StoredTensor* tensor_;
  std::vector<std::int64_t> index_;
  std::int64_t at_;
};

}  // namespace cairn::checkpoint::format
