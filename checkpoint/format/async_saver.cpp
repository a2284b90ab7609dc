#include "checkpoint/format/async_saver.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <list>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

#include "checkpoint/format/encoder.hpp"
#include "checkpoint/format/snapshot.hpp"
#include "vfs/file_system.hpp"

namespace cairn::checkpoint {

struct SaveHandle::Job {
  bool skipped{false};
  std::stop_source stop{};
  std::promise<void> copied{};
  std::shared_future<void> staged{copied.get_future().share()};
  std::promise<vfs::WriteResult> promise{};
  std::shared_future<vfs::WriteResult> result{promise.get_future().share()};
  std::atomic<bool> asked{false};  // somebody will see how it ended

  void refuse_skipped() const;
};

SaveHandle::SaveHandle(std::shared_ptr<Job> job) : job_(std::move(job)) {}

bool SaveHandle::skipped() const noexcept {
  return job_->skipped;
}

bool SaveHandle::done() const {
  return !job_->skipped &&
         job_->result.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

void SaveHandle::Job::refuse_skipped() const {
  if (skipped)
    throw Error(ErrorCode::limit, "the save was skipped: others were still on their way");
}

void SaveHandle::staged() const {
  job_->refuse_skipped();
  job_->staged.get();
}

vfs::WriteResult SaveHandle::committed() const {
  job_->refuse_skipped();
  job_->asked = true;
  return job_->result.get();
}

struct AsyncSaver::State {
  using Job = SaveHandle::Job;

  AsyncSaverOptions options{};
  std::shared_ptr<SnapshotMemory> memory{std::make_shared<SnapshotMemory>()};
  std::mutex mutex{};
  std::condition_variable ended{};
  struct Worker {
    std::shared_ptr<Job> job{};
    bool ended{false};
    std::jthread thread{};  // joined when the worker goes
  };
  std::list<std::shared_ptr<Job>> failed{};  // guarded by mutex: whose errors nobody has seen
  std::list<Worker>
      workers{};  // guarded by mutex; the oldest first. They use the rest: they go before it

  [[nodiscard]] std::size_t running() const {
    return static_cast<std::size_t>(
        std::count_if(workers.begin(), workers.end(), [](const Worker& w) { return !w.ended; }));
  }

  // False: there is none, and the options say to skip.
  [[nodiscard]] bool make_room(std::unique_lock<std::mutex>& lock) {
    const auto free = [this] {
      return running() < std::max<std::size_t>(1, options.max_in_flight);
    };
    if (!free()) {
      if (options.when_full == WhenFull::skip) return false;
      const auto oldest = std::find_if(workers.begin(), workers.end(),
                                       [](const Worker& worker) { return !worker.ended; });
      if (options.when_full == WhenFull::cancel_oldest) oldest->job->stop.request_stop();
      ended.wait(lock, free);
    }
    std::erase_if(workers, [](const Worker& worker) { return worker.ended; });
    return true;
  }

  // What nobody has asked for, and nobody is told of otherwise.
  void throw_unseen(std::unique_lock<std::mutex>& lock) {
    std::shared_ptr<Job> unseen;
    while (!failed.empty() && unseen == nullptr) {
      if (!failed.front()->asked) unseen = failed.front();
      failed.pop_front();
    }
    if (unseen == nullptr) return;
    lock.unlock();
    static_cast<void>(SaveHandle(unseen).committed());
  }

  void end(const std::shared_ptr<Job>& job, bool ok) {
    const std::lock_guard lock(mutex);
    for (Worker& worker : workers) worker.ended = worker.ended || worker.job == job;
    if (!ok && !options.on_error) failed.push_back(job);
    ended.notify_all();
  }
};

namespace {

void quietly(const auto& callback) {
  try {
    callback();
  } catch (...) {  // a callback's own affair
  }
}

// What a worker does.
template <class State>
struct WorkOf {
  State* state{nullptr};
  std::shared_ptr<typename State::Job> job{};
  std::string url{};
  vfs::Location where;
  Snapshot snapshot{};
  SaveOptions options{};

  void operator()() {
    // A stop of the caller's counts, and so does ours.
    const std::stop_callback forward(options.write.call.stop, [this] { job->stop.request_stop(); });
    options.write.call.stop = job->stop.get_token();
    // There is room for the next save, and memory, before anybody learns of the end of this one.
    try {
      stage();
      const auto result = format::save(where.file_system, where.path, snapshot.root, options);
      snapshot = {};
      if (state->options.on_committed) quietly([&] { state->options.on_committed(url, result); });
      state->end(job, true);
      job->promise.set_value(result);
    } catch (...) {
      snapshot = {};
      if (state->options.on_error)
        quietly([&] { state->options.on_error(url, std::current_exception()); });
      state->end(job, false);
      job->promise.set_exception(std::current_exception());
    }
  }

  void stage() {
    try {
      snapshot.wait();
      job->copied.set_value();
    } catch (...) {
      job->copied.set_exception(std::current_exception());
      throw;
    }
  }
};

}  // namespace

struct AsyncSaver::Work : WorkOf<AsyncSaver::State> {};

AsyncSaver::AsyncSaver(AsyncSaverOptions options) : state_(std::make_unique<State>()) {
  state_->options = std::move(options);
}

// Workers look through the list of workers when they end: it goes after that, and joins them.
AsyncSaver::~AsyncSaver() {
  std::unique_lock lock(state_->mutex);
  state_->ended.wait(lock, [this] { return state_->running() == 0; });
}

SaveHandle AsyncSaver::save(std::string_view url, const Value& root, const SaveOptions& options,
                            const std::shared_ptr<vfs::Context>& context) {
  auto where = (context ? context : vfs::Context::standard())->resolve(url);
  auto job = std::make_shared<SaveHandle::Job>();
  std::unique_lock lock(state_->mutex);
  state_->throw_unseen(lock);
  if (!state_->make_room(lock)) {
    job->skipped = true;
    return SaveHandle(std::move(job));
  }
  lock.unlock();
  // Here what can't be written is found out, while the caller is there to be told.
  static_cast<void>(format::encode(root, options.allow_opaque));
  Work work{{.state = state_.get(),
             .job = job,
             .url = std::string(url),
             .where = std::move(where),
             .snapshot = state_->memory->take(root),
             .options = options}};
  lock.lock();
  state_->workers.push_back({.job = job, .thread = std::jthread(std::move(work))});
  return SaveHandle(std::move(job));
}

void AsyncSaver::wait() {
  std::unique_lock lock(state_->mutex);
  state_->ended.wait(lock, [this] { return state_->running() == 0; });
  for (const auto& worker : state_->workers) worker.job->result.wait();
  state_->throw_unseen(lock);
}

}  // namespace cairn::checkpoint
