// State with locks, connections or threads that a forked child must not touch.
#pragma once

#include <atomic>
#include <memory>

#include <unistd.h>

namespace cairn::vfs {

/// One T per process. A forked child finds its parent's T, whose mutex may be locked for ever and
/// whose sockets and threads are not its own: it leaves that one alone (leaked, never destroyed)
/// and starts with a new T. Thread-safe; costs one getpid() per access.
template <class T>
class PerProcess {
 public:
  PerProcess() = default;
  ~PerProcess() {
    Owned* owned = owned_.load();
    if (owned != nullptr && owned->process == getpid()) delete owned;
  }
  PerProcess(const PerProcess&) = delete;
  PerProcess& operator=(const PerProcess&) = delete;

  /// Made on first use.
  [[nodiscard]] T& get() {
    Owned* current = owned_.load(std::memory_order_acquire);
    const pid_t process = getpid();
    while (current == nullptr || current->process != process) {
      auto fresh = std::make_unique<Owned>();
      fresh->process = process;
      if (owned_.compare_exchange_strong(current, fresh.get())) current = fresh.release();
    }
    return current->value;
  }
  T& operator*() { return get(); }
  T* operator->() { return &get(); }

 private:
  struct Owned {
    pid_t process{0};
    T value{};
  };
  std::atomic<Owned*> owned_{nullptr};
};

}  // namespace cairn::vfs
