#include "checkpoint/format/storage_bytes.hpp"

#include <utility>

#include "checkpoint/format/view.hpp"

namespace cairn::checkpoint::format {
namespace {

class DevicePart final : public DeviceMemory {
 public:
  DevicePart(std::shared_ptr<const DeviceMemory> whole, std::uint64_t begin)
      : whole_(std::move(whole)), begin_(begin) {}

  [[nodiscard]] const void* address() const noexcept override {
    return static_cast<const std::byte*>(whole_->address()) + begin_;
  }
  [[nodiscard]] std::unique_ptr<DeviceCopy> copy(std::uint64_t offset,
                                                 std::uint64_t length) const override {
    return whole_->copy(begin_ + offset, length);
  }

 private:
  std::shared_ptr<const DeviceMemory> whole_;
  std::uint64_t begin_;
};

}  // namespace

const void* address_of(const Storage& storage) {
  return storage.device ? storage.device->address() : storage.data;
}

std::shared_ptr<Storage> part_of(const std::shared_ptr<Storage>& storage, std::uint64_t begin,
                                 std::uint64_t size) {
  auto part = std::make_shared<Storage>(*storage);
  part->nbytes = size;
  if (storage->device) {
    part->device = std::make_shared<const DevicePart>(storage->device, begin);
    part->owner.reset();
  } else {
    part->data = storage->data + begin;
    part->owner = storage;
  }
  return part;
}

vfs::Body body_of(const std::shared_ptr<const Storage>& storage) {
  if (storage->device && storage->nbytes > 0) return {storage->device, storage->nbytes};
  vfs::Body body;
  body.append({storage->data, static_cast<std::size_t>(storage->nbytes)}, storage);
  return body;
}

void place(Storage& storage, const vfs::Body& bytes) {
  const vfs::Body::Segment& segment = bytes.segments().front();
  storage.device = nullptr;
  storage.data = const_cast<std::byte*>(segment.bytes.data());  // ours, see DeviceCopy::bytes()
  storage.owner = segment.owner;
}

void fetch(Storage& storage) {
  if (!storage.device) return;
  const auto device = std::exchange(storage.device, nullptr);
  if (storage.nbytes == 0) return;
  place(storage, device->take(0, storage.nbytes));
}

StoredTensor fetched(const StoredTensor& tensor) {
  if (!tensor.storage->device) return tensor;
  StoredTensor copy = tensor;
  const std::size_t item = item_size(tensor.dtype);
  copy.storage = part_of(tensor.storage, static_cast<std::uint64_t>(tensor.offset) * item,
                         static_cast<std::uint64_t>(reach_of(tensor)) * item);
  fetch(*copy.storage);
  copy.offset = 0;
  return copy;
}

}  // namespace cairn::checkpoint::format
