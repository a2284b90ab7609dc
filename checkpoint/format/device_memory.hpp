// Memory that the CPU can't read in place: of an accelerator.
#pragma once

#include <memory>

#include "checkpoint/format/stored_tensor.hpp"
#include "vfs/bytes.hpp"

namespace cairn::checkpoint {

/// Bytes on their way to the CPU.
class CAIRN_API DeviceCopy {
 public:
  DeviceCopy() = default;
  DeviceCopy(const DeviceCopy&) = delete;
  DeviceCopy& operator=(const DeviceCopy&) = delete;
  virtual ~DeviceCopy();

  /// One segment, which whoever fetches may keep and write to. They are there when wait() has
  /// returned.
  [[nodiscard]] virtual const vfs::Body& bytes() const noexcept = 0;
  /// Throws what went wrong on the way.
  virtual void wait() = 0;
};

/// Copies are made of what all leaves that was begun before on the streams of the device that the
/// memory came from, and that is current; work that is begun there later waits for them.
class CAIRN_API DeviceMemory : public vfs::BodySource {
 public:
  /// On the device. Two with the same address are one memory.
  [[nodiscard]] virtual const void* address() const noexcept = 0;
  /// Begins to copy [offset, offset + length), which is not empty. The memory must outlive it.
  [[nodiscard]] virtual std::unique_ptr<DeviceCopy> copy(std::uint64_t offset,
                                                         std::uint64_t length) const = 0;
  [[nodiscard]] vfs::Body take(std::uint64_t offset, std::uint64_t length) const final;
};

namespace format {

/// By what memory is told apart; nullptr: none, or not loaded.
[[nodiscard]] const void* address_of(const Storage& storage);

/// The storage's bytes from `begin` on, of its own memory kind. They share the storage's memory.
[[nodiscard]] std::shared_ptr<Storage> part_of(const std::shared_ptr<Storage>& storage,
                                               std::uint64_t begin, std::uint64_t size);
[[nodiscard]] vfs::Body body_of(const std::shared_ptr<const Storage>& storage);

/// Makes the bytes of a DeviceCopy the storage's memory.
void place(Storage& storage, const vfs::Body& bytes);
/// Takes a storage to the CPU. Without effect on one that is there.
CAIRN_API void fetch(Storage& storage);
/// A tensor with what lies between its first and its last element in a storage on the CPU; itself
/// if it is there.
[[nodiscard]] StoredTensor fetched(const StoredTensor& tensor);

}  // namespace format
}  // namespace cairn::checkpoint
