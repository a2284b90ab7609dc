#include "vfs/base/thread_pool.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "vfs/base/fail.hpp"

namespace cairn::vfs {

/// The threads of one process.
struct ThreadPool::State {
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<std::function<void()>> tasks;  // guarded by mutex
  std::vector<std::thread> threads;         // guarded by mutex
  std::size_t idle{0};                      // guarded by mutex
  bool closing{false};                      // guarded by mutex

  void work() {
    std::unique_lock lock(mutex);
    for (;;) {
      ++idle;
      wake.wait(lock, [this] { return closing || !tasks.empty(); });
      --idle;
      if (tasks.empty()) return;
      auto task = std::move(tasks.front());
      tasks.pop_front();
      lock.unlock();
      task();
      task = nullptr;  // what it holds goes before the next wait, outside the lock
      lock.lock();
    }
  }

  void add(std::function<void()> task, std::size_t max_threads) {
    const std::lock_guard lock(mutex);
    tasks.push_back(std::move(task));
    if (idle < tasks.size() && threads.size() < max_threads) {
      try {
        threads.emplace_back([this] { work(); });
      } catch (const std::system_error&) {
        if (threads.empty()) {
          tasks.pop_back();
          throw;  // the machine gives no thread at all
        }
      }
    }
    wake.notify_one();
  }

  /// False if the caller is one of the threads: it can't wait for itself.
  bool join() {
    {
      const std::lock_guard lock(mutex);
      closing = true;
    }
    wake.notify_all();
    bool all = true;
    for (std::thread& thread : threads) {
      const bool own = thread.get_id() == std::this_thread::get_id();
      if (own)
        thread.detach();
      else
        thread.join();
      all = all && !own;
    }
    return all;
  }
};

ThreadPool::ThreadPool(std::size_t max_threads)
    : max_threads_(std::max<std::size_t>(max_threads, 1)) {}

ThreadPool::Owner::Owner() : state(std::make_unique<State>()) {}

ThreadPool::Owner::~Owner() {
  if (!state->join()) static_cast<void>(state.release());  // the caller's own thread still uses it
}

ThreadPool::~ThreadPool() = default;

void ThreadPool::submit(std::function<void()> task) {
  threads_->state->add(std::move(task), max_threads_);
}

namespace {

/// One for_each. Shared with helpers that may wake up after it has ended: they find it closed.
struct Batch {
  const std::function<void(std::size_t, std::stop_token)>* task;  // lives as long as `open`
  std::size_t count;
  std::stop_source stop{};

  std::mutex mutex{};
  std::condition_variable ended{};
  std::size_t next{0};           // guarded by mutex
  std::size_t running{0};        // guarded by mutex
  bool open{true};               // guarded by mutex
  std::exception_ptr failure{};  // guarded by mutex

  void work() {
    std::unique_lock lock(mutex);
    if (!open) return;
    ++running;
    while (next < count && !stop.stop_requested()) {
      const std::size_t index = next++;
      lock.unlock();
      std::exception_ptr thrown = run(index);
      lock.lock();
      if (thrown && !failure) {
        failure = std::move(thrown);
        stop.request_stop();
      }
    }
    --running;
    ended.notify_all();
  }

  std::exception_ptr run(std::size_t index) noexcept {
    try {
      (*task)(index, stop.get_token());
    } catch (...) {
      return std::current_exception();
    }
    return nullptr;
  }
};

}  // namespace

void ThreadPool::for_each(std::size_t count, std::size_t parallel,
                          const std::function<void(std::size_t index, std::stop_token stop)>& task,
                          std::stop_token stop) {
  if (count == 0) return;
  auto batch = std::make_shared<Batch>();
  batch->task = &task;
  batch->count = count;
  const std::stop_callback forward(stop,
                                   [source = batch->stop]() mutable { source.request_stop(); });

  const std::size_t helpers =
      std::min({count, std::max<std::size_t>(parallel, 1), max_threads_ + 1}) - 1;
  for (std::size_t i = 0; i < helpers; ++i) {
    submit([batch] { batch->work(); });
  }
  batch->work();

  std::unique_lock lock(batch->mutex);
  batch->open = false;
  batch->ended.wait(lock, [&] { return batch->running == 0; });
  if (batch->failure) std::rethrow_exception(batch->failure);
  if (batch->next < count) fail(ErrorCode::cancelled, "transfer", {}, "the caller asked to stop");
}

}  // namespace cairn::vfs
