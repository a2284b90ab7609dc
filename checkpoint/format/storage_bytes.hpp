// The bytes of storages, of the CPU or of a device.
#pragma once

#include <cstdint>
#include <memory>

#include "checkpoint/format/device_memory.hpp"
#include "checkpoint/format/stored_tensor.hpp"

namespace cairn::checkpoint::format {

/// By what memory is told apart; nullptr: none, or not loaded.
[[nodiscard]] const void* address_of(const Storage& storage);

/// The storage's bytes from `begin` on, as one of its own. They share its memory.
[[nodiscard]] std::shared_ptr<Storage> part_of(const std::shared_ptr<Storage>& storage,
                                               std::uint64_t begin, std::uint64_t size);
[[nodiscard]] vfs::Body body_of(const std::shared_ptr<const Storage>& storage);

/// Makes the bytes of a DeviceCopy the storage's memory.
void place(Storage& storage, const vfs::Body& bytes);
/// Takes a storage to the CPU. Without effect on one that is there.
void fetch(Storage& storage);
/// A tensor with what lies between its first and its last element in a storage on the CPU; itself
/// if it is there.
[[nodiscard]] StoredTensor fetched(const StoredTensor& tensor);

}  // namespace cairn::checkpoint::format
