// A limit on what the buffers of all transfers of a Context hold together.
#pragma once

#include <cstdint>
#include <mutex>

namespace cairn::vfs {

class MemoryBudget {
 public:
  explicit MemoryBudget(std::uint64_t limit) : free_(limit) {}

  /// Takes the bytes if they are free.
  [[nodiscard]] bool try_take(std::uint64_t bytes);
  /// Takes the bytes, free or not: for the one buffer without which a transfer can't go on.
  void take(std::uint64_t bytes);
  void give_back(std::uint64_t bytes);

 private:
  std::mutex mutex_;
  std::uint64_t free_;     // guarded by mutex_
  std::uint64_t debt_{0};  // guarded by mutex_; taken beyond the limit
};

}  // namespace cairn::vfs
