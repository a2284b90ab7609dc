#include "vfs/base/memory_budget.hpp"

#include <algorithm>

namespace cairn::vfs {

bool MemoryBudget::try_take(std::uint64_t bytes) {
  State& state = state_.get();
  const std::lock_guard lock(state.mutex);
  if (state.taken > limit_ || bytes > limit_ - state.taken) return false;
  state.taken += bytes;
  return true;
}

void MemoryBudget::take(std::uint64_t bytes) {
  State& state = state_.get();
  const std::lock_guard lock(state.mutex);
  state.taken += bytes;
}

void MemoryBudget::give_back(std::uint64_t bytes) {
  State& state = state_.get();
  const std::lock_guard lock(state.mutex);
  state.taken -= std::min(bytes, state.taken);  // less was taken in a forked child
}

}  // namespace cairn::vfs
