// A small pool for blocking work: threads start on demand, idle ones are reused, and a forked child
// gets its own.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <stop_token>

#include "vfs/base/per_process.hpp"

namespace cairn::vfs {

class ThreadPool {
 public:
  explicit ThreadPool(std::size_t max_threads);
  ~ThreadPool();  ///< waits for what runs and for what waits
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  /// Runs `task` on some thread, soon. The task must not throw.
  void submit(std::function<void()> task);
  [[nodiscard]] std::size_t max_threads() const noexcept { return max_threads_; }

  /// Calls task(0) … task(count - 1) on at most `parallel` threads, the caller's among them, so
  /// that it makes progress also when the pool is busy. The first exception stops the rest (running
  /// ones see `stop` requested) and is thrown when all have ended. Throws Error(cancelled) if the
  /// caller's stop kept it from starting all.
  void for_each(std::size_t count, std::size_t parallel,
                const std::function<void(std::size_t index, std::stop_token stop)>& task,
                std::stop_token stop = {});

 private:
  struct State;
  struct Owner {  // State is known to the source file only
    Owner();
    ~Owner();
    std::unique_ptr<State> state;
  };
  std::size_t max_threads_;
  PerProcess<Owner> threads_;
};

}  // namespace cairn::vfs
