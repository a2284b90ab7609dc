// A limit on what the buffers of all transfers of a Context hold together.
#pragma once

#include <cstdint>
#include <mutex>

#include "vfs/base/per_process.hpp"

namespace cairn::vfs {

/// Thread-safe. A forked child has the whole limit for itself: its parent's buffers are not its
/// own.
class MemoryBudget {
 public:
  explicit MemoryBudget(std::uint64_t limit) : limit_(limit) {}

  /// Takes the bytes if they are free.
  [[nodiscard]] bool try_take(std::uint64_t bytes);
  /// Takes the bytes, free or not: for the one buffer without which a transfer can't go on.
  void take(std::uint64_t bytes);
  void give_back(std::uint64_t bytes);

 private:
  struct State {
    std::mutex mutex{};
    std::uint64_t taken{0};  // guarded by mutex; may be beyond the limit
  };
  const std::uint64_t limit_;
  PerProcess<State> state_;
};

}  // namespace cairn::vfs
