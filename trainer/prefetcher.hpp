// Makes batches ahead on one background thread. Private to Loader.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

namespace cairn::detail {

template <class B>
class Prefetcher {
 public:
  /// Calls make(first) … make(end - 1) in order, at most `depth` ahead of next().
  Prefetcher(std::int64_t depth, std::int64_t first, std::int64_t end,
             std::function<B(std::int64_t)> make)
      : depth_(static_cast<std::size_t>(depth)),
        make_(std::move(make)),
        thread_([this, first, end](const std::stop_token& stop) { run(stop, first, end); }) {}

  /// Waits for the next one. Throws what make threw.
  B next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !ready_.empty() || error_; });
    if (ready_.empty()) std::rethrow_exception(error_);
    B batch = std::move(ready_.front());
    ready_.pop_front();
    lock.unlock();
    changed_.notify_all();
    return batch;
  }

 private:
  void run(const std::stop_token& stop, std::int64_t first, std::int64_t end) {
    try {
      for (std::int64_t index = first; index < end && !stop.stop_requested(); ++index) {
        B batch = make_(index);
        std::unique_lock lock(mutex_);
        if (!changed_.wait(lock, stop, [&] { return ready_.size() < depth_; })) return;
        ready_.push_back(std::move(batch));
        lock.unlock();
        changed_.notify_all();
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      error_ = std::current_exception();
      changed_.notify_all();
    }
  }

  std::size_t depth_;
  std::function<B(std::int64_t)> make_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<B> ready_;       // guarded by mutex_
  std::exception_ptr error_;  // guarded by mutex_
  std::jthread thread_;       // last: it stops before the rest goes
};

}  // namespace cairn::detail
