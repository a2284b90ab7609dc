#include "checkpoint/format/view.hpp"

#include <algorithm>

#include "checkpoint/format/storage_bytes.hpp"

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

void check_storage(const Storage& storage, DType dtype) {
  if (storage.nbytes > 0 && address_of(storage) == nullptr)
    throw Error(ErrorCode::type, "a tensor whose data was not loaded");
  const std::size_t item = item_size(dtype);
  if (item == 0)
    throw Error(ErrorCode::unsupported, "a tensor of type " + std::string(name(dtype)));
  if (storage.nbytes % item != 0)
    throw Error(ErrorCode::type, "a storage that is no whole number of elements");
}

void check_tensor(const StoredTensor& tensor) {
  if (is_quantized(tensor.dtype)) {
    throw Error(ErrorCode::unsupported,
                "a tensor of type " + std::string(name(tensor.dtype)) + " without its scales");
  }
  if (tensor.storage == nullptr) throw Error(ErrorCode::type, "a tensor without a storage");
  check_storage(*tensor.storage, tensor.dtype);
  const std::uint64_t elements = tensor.storage->nbytes / item_size(tensor.dtype);
  if (const std::string problem = view_problem(tensor, elements); !problem.empty()) {
    throw Error(ErrorCode::type, "a tensor with " + problem);
  }
}

std::int64_t reach_of(const StoredTensor& tensor) {
  std::int64_t count = 1;
  for (std::size_t d = 0; d < tensor.sizes.size(); ++d) {
    if (tensor.sizes[d] == 0) return 0;
    count += (tensor.sizes[d] - 1) * tensor.strides[d];
  }
  return count;
}

std::vector<std::int64_t> contiguous_strides(const std::vector<std::int64_t>& sizes) {
  std::vector<std::int64_t> strides(sizes.size(), 1);
  for (std::size_t d = sizes.size(); d-- > 1;)
    strides[d - 1] = strides[d] * std::max<std::int64_t>(sizes[d], 1);
  return strides;
}

void Positions::advance() noexcept {
  for (std::size_t d = index_.size(); d-- > 0;) {
    at_ += tensor_->strides[d];
    if (++index_[d] < tensor_->sizes[d]) return;
    at_ -= tensor_->strides[d] * tensor_->sizes[d];
    index_[d] = 0;
  }
}

}  // namespace cairn::checkpoint::format
