#include "vfs/base/memory_budget.hpp"

#include <algorithm>

namespace cairn::vfs {

bool MemoryBudget::try_take(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  if (bytes > free_) return false;
  free_ -= bytes;
  return true;
}

void MemoryBudget::take(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t now = std::min(bytes, free_);
  free_ -= now;
  debt_ += bytes - now;
}

void MemoryBudget::give_back(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t repaid = std::min(bytes, debt_);
  debt_ -= repaid;
  free_ += bytes - repaid;
}

}  // namespace cairn::vfs
