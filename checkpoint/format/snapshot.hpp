// Copies of trees with their tensors' memory, into memory that is used again.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "checkpoint/format/device_memory.hpp"
#include "checkpoint/format/value.hpp"
#include "vfs/bytes.hpp"

namespace cairn::checkpoint {

/// A copy of a tree. What is copied from devices may still be on its way.
struct Snapshot {
  Value root{};
  std::vector<std::unique_ptr<DeviceCopy>> on_the_way{};

  /// Until all bytes are there. Throws what a device's copy ended with.
  void wait();
};

/// Buffers of snapshots that are no longer needed. Thread-safe.
class SnapshotMemory : public std::enable_shared_from_this<SnapshotMemory> {
 public:
  /// The tree as it is now: containers and memory are copied, by several threads; what is shared
  /// stays shared. Its memory comes back here when the last of its storages goes.
  [[nodiscard]] Snapshot take(const Value& root);

 private:
  [[nodiscard]] std::shared_ptr<vfs::Buffer> lease(std::size_t size);

  std::mutex mutex_;
  std::vector<vfs::Buffer> free_;  // guarded by mutex_
};

}  // namespace cairn::checkpoint
