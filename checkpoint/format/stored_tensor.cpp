#include "checkpoint/format/stored_tensor.hpp"

#include <cstring>
#include <utility>

#include "checkpoint/format/allocate.hpp"
#include "checkpoint/format/error.hpp"
#include "checkpoint/format/storage_bytes.hpp"
#include "checkpoint/format/view.hpp"

namespace cairn::checkpoint {

std::int64_t StoredTensor::numel() const {
  std::int64_t count = 1;
  for (const std::int64_t size : sizes) {
    if (__builtin_mul_overflow(count, size, &count))
      throw Error(ErrorCode::type, "a tensor has more elements than 64 bits can count");
  }
  return count;
}

bool StoredTensor::is_contiguous() const {
  if (numel() == 0) return true;
  std::int64_t expected = 1;
  for (std::size_t d = sizes.size(); d-- > 0;) {
    if (sizes[d] == 1) continue;  // its stride is never taken
    if (strides[d] != expected) return false;
    expected *= sizes[d];
  }
  return true;
}

StoredTensor StoredTensor::contiguous() const {
  if (storage && storage->device) return format::fetched(*this).contiguous();
  if (is_contiguous()) return *this;
  const std::size_t item = item_size(dtype);
  // Where the innermost elements lie in a row, that is copied at once.
  StoredTensor runs = *this;
  std::size_t run = item;
  if (!strides.empty() && strides.back() == 1) {
    run *= static_cast<std::size_t>(sizes.back());
    runs.sizes.pop_back();
    runs.strides.pop_back();
  }
  auto copied = std::make_shared<Storage>();
  copied->dtype = dtype;
  if (__builtin_mul_overflow(static_cast<std::uint64_t>(numel()), item, &copied->nbytes))
    throw Error(ErrorCode::limit, "a tensor has more bytes than 64 bits can count");
  format::allocate(*copied, {});
  format::Positions from(runs);
  for (std::uint64_t to = 0; to < copied->nbytes; to += run, from.advance()) {
    std::memcpy(copied->data + to, storage->data + static_cast<std::size_t>(from.at()) * item, run);
  }
  StoredTensor copy = *this;
  copy.storage = std::move(copied);
  copy.offset = 0;
  copy.strides = format::contiguous_strides(sizes);
  return copy;
}

std::span<const std::byte> StoredTensor::bytes() const {
  const auto count = static_cast<std::size_t>(numel());
  if (count == 0) return {};
  const std::size_t item = item_size(dtype);
  return {storage->data + static_cast<std::size_t>(offset) * item, count * item};
}

}  // namespace cairn::checkpoint
