#include "checkpoint/format/view.hpp"

namespace cairn::checkpoint::format {

bool is_quantized(DType dtype) {
  switch (dtype) {
    case DType::qint8:
    case DType::quint8:
    case DType::qint32:
    case DType::quint4x2:
    case DType::quint2x4:
      return true;
    default:
      return false;
  }
}

std::string view_problem(const StoredTensor& tensor, std::uint64_t storage_elements) {
  if (tensor.sizes.size() != tensor.strides.size()) return "a tensor has as many strides as sizes";
  if (tensor.offset < 0) return "negative offset";
  std::int64_t count = 1;
  std::int64_t last = tensor.offset;  // the element furthest from the start
  bool empty = false;
  for (std::size_t d = 0; d < tensor.sizes.size(); ++d) {
    const std::int64_t size = tensor.sizes[d];
    const std::int64_t stride = tensor.strides[d];
    if (size < 0) return "negative size";
    if (stride < 0) return "negative stride";
    if (size == 0) {
      empty = true;
      continue;
    }
    std::int64_t reach = 0;
    if (__builtin_mul_overflow(count, size, &count)) return "more elements than 64 bits can count";
    if (__builtin_mul_overflow(size - 1, stride, &reach)) return "a stride that overflows 64 bits";
    if (__builtin_add_overflow(last, reach, &last))
      return "an element position that overflows 64 bits";
  }
  // An empty tensor has no elements, but its offset must still be a position in the storage.
  const auto end = static_cast<std::uint64_t>(empty ? tensor.offset : last) + (empty ? 0 : 1);
  if (end > storage_elements) {
    return "elements up to " + std::to_string(end) + " of a storage of " +
           std::to_string(storage_elements);
  }
  return {};
}

bool is_contiguous(const StoredTensor& tensor) {
  std::int64_t expected = 1;
  for (std::size_t d = tensor.sizes.size(); d-- > 0;) {
    if (tensor.sizes[d] == 0) return true;
    if (tensor.sizes[d] != 1 && tensor.strides[d] != expected) return false;
    expected *= tensor.sizes[d];
  }
  return true;
}

}  // namespace cairn::checkpoint::format
