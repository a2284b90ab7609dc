// Memory that the CPU can't read in place: of an accelerator.
#pragma once

#include <memory>

#include "checkpoint/format/stored_tensor.hpp"
#include "vfs/bytes.hpp"

namespace cairn::checkpoint {

/// take() gives bytes as they are when all is done that was begun on them; they come in one
/// segment, which whoever fetches may keep and write to.
class CAIRN_API DeviceMemory : public vfs::BodySource {
 public:
  /// On the device. Two with the same address are one memory.
  [[nodiscard]] virtual const void* address() const noexcept = 0;
};

namespace format {

/// By what memory is told apart; nullptr: none, or not loaded.
[[nodiscard]] const void* address_of(const Storage& storage);

/// The storage's bytes from `begin` on, of its own memory kind. They share the storage's memory.
[[nodiscard]] std::shared_ptr<Storage> part_of(const std::shared_ptr<Storage>& storage,
                                               std::uint64_t begin, std::uint64_t size);
[[nodiscard]] vfs::Body body_of(const std::shared_ptr<const Storage>& storage);

/// Takes a storage to the CPU. Without effect on one that is there.
CAIRN_API void fetch(Storage& storage);
/// A tensor with what lies between its first and its last element in a storage on the CPU; itself
/// if it is there.
[[nodiscard]] StoredTensor fetched(const StoredTensor& tensor);

}  // namespace format
}  // namespace cairn::checkpoint
