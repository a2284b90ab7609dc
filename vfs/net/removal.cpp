#include "vfs/net/removal.hpp"

#include <algorithm>
#include <utility>

#include "vfs/base/thread_pool.hpp"
#include "vfs/net/retry.hpp"

namespace cairn::vfs::net {
namespace {

using Indices = std::vector<std::size_t>;  // into the paths and their results

/// The paths of one call, their results, and how they are asked for.
class Removal {
 public:
  Removal(const Services& services, const RemovalRules& rules, std::span<const Path> paths)
      : services_(services), rules_(rules), paths_(paths), results_(paths.size()) {
    for (std::size_t i = 0; i < paths.size(); ++i) results_[i].path = paths[i];
  }

  void run(const CallOptions& options);
  [[nodiscard]] std::vector<RemoveResult> take() && { return std::move(results_); }

 private:
  void remove_batch(std::span<const std::size_t> batch, const CallOptions& options);
  [[nodiscard]] Indices ask(std::span<const std::size_t> batch, const CallOptions& options);
  void remove_singly(std::size_t index, const CallOptions& options);

  const Services& services_;
  const RemovalRules& rules_;
  std::span<const Path> paths_;
  std::vector<RemoveResult> results_;  // each is written by one thread
};

void Removal::run(const CallOptions& options) {
  Indices together;
  Indices singly;
  for (std::size_t i = 0; i < paths_.size(); ++i) {
    (!rules_.fits || rules_.fits(paths_[i]) ? together : singly).push_back(i);
  }
  const std::size_t batches = (together.size() + rules_.max_batch - 1) / rules_.max_batch;
  services_.pool->for_each(
      batches + singly.size(),
      static_cast<std::size_t>(std::max(services_.config.transfer.parallel, 1)),
      [&](std::size_t task, std::stop_token stop) {
        const CallOptions call{.stop = std::move(stop), .deadline = options.deadline};
        if (task >= batches) return remove_singly(singly[task - batches], call);
        const auto rest = std::span<const std::size_t>(together).subspan(task * rules_.max_batch);
        remove_batch(rest.first(std::min(rules_.max_batch, rest.size())), call);
      },
      options.stop);
}

void Removal::remove_batch(std::span<const std::size_t> batch, const CallOptions& options) {
  const RetryPolicy& policy = services_.config.retry;
  Indices left(batch.begin(), batch.end());
  for (int attempt = 1;; ++attempt) {
    left = ask(left, options);
    const bool late = options.deadline && services_.clock->steady_now() >= *options.deadline;
    if (left.empty() || attempt >= policy.max_attempts || late || options.stop.stop_requested()) {
      return;  // the results tell what was left
    }
    services_.clock->sleep(backoff(policy, attempt, services_.random->next()), options.stop);
  }
}

/// Returns what is worth another attempt.
Indices Removal::ask(std::span<const std::size_t> batch, const CallOptions& options) {
  std::vector<Path> keys;
  keys.reserve(batch.size());
  for (const std::size_t index : batch) keys.push_back(paths_[index]);
  const auto answers = rules_.remove_together(keys, options);
  Indices again;
  for (std::size_t place = 0; place < batch.size(); ++place) {
    const std::size_t index = batch[place];
    if (!answers || (*answers)[place].state == KeyAnswer::State::singly) {
      remove_singly(index, options);
      continue;
    }
    const KeyAnswer& answer = (*answers)[place];
    results_[index].error = answer.error;
    results_[index].code = answer.code;
    if (answer.state == KeyAnswer::State::removed) results_[index].error.clear();
    if (answer.state == KeyAnswer::State::again) again.push_back(index);
  }
  return again;
}

void Removal::remove_singly(std::size_t index, const CallOptions& options) {
  try {
    rules_.remove_one(paths_[index], options);
    results_[index].error.clear();
  } catch (const Error& error) {
    if (error.code() == ErrorCode::cancelled) throw;
    results_[index].error = error.details().service_code + ": " + error.details().message;
    results_[index].code = error.code();
  }
}

}  // namespace

std::vector<RemoveResult> remove_many(const Services& services, const RemovalRules& rules,
                                      std::span<const Path> paths, const CallOptions& options) {
  Removal removal(services, rules, paths);
  removal.run(options);
  return std::move(removal).take();
}

}  // namespace cairn::vfs::net
