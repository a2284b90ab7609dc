// Counts what is done and tells it.
#pragma once

#include <cstdint>
#include <mutex>

#include "vfs/types.hpp"

namespace cairn::vfs::transfer {

/// Thread-safe. Throws what the caller's function throws.
class ProgressMeter {
 public:
  ProgressMeter(const Progress& tell, std::uint64_t total) : tell_(tell), total_(total) {}

  void add(std::uint64_t bytes) {
    if (!tell_) return;
    const std::lock_guard lock(mutex_);
    done_ += bytes;
    tell_(done_, total_);
  }

 private:
  const Progress& tell_;
  const std::uint64_t total_;
  std::mutex mutex_;
  std::uint64_t done_{0};  // guarded by mutex_
};

}  // namespace cairn::vfs::transfer
