// What all calls to one host share: how many retries it is worth, and how many requests it bears.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "vfs/base/per_process.hpp"

namespace cairn::vfs::net {

/// Tokens that retries take and successes give back: when a service is down for everybody, its
/// clients stop adding load after a while, as AWS's SDKs do ("standard" retry mode). Thread-safe.
class RetryTokens {
 public:
  static constexpr int kRetry = 5;
  static constexpr int kRetryAfterTimeout = 10;
  static constexpr int kSuccess = 1;  ///< given back by a call that needed no retry

  explicit RetryTokens(int capacity) : capacity_(capacity), left_(capacity) {}
  /// False: there are not so many left, and none is taken.
  [[nodiscard]] bool take(int tokens);
  void give_back(int tokens);
  [[nodiscard]] int left() const;

 private:
  mutable std::mutex mutex_;
  const int capacity_;
  int left_;  // guarded by mutex_
};

/// Requests in flight: halved when the service asks to slow down, one more per round of successes
/// until there is no limit again (AIMD, as TCP does it). Thread-safe.
class Throttle {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// From `max` on there is no limit.
  explicit Throttle(int max) : max_(max), limit_(max) {}
  /// Waits for room. False: stopped, or the deadline has passed.
  [[nodiscard]] bool enter(const std::stop_token& stop, std::optional<Time> deadline);
  enum class Answer { carried_out, slow_down, other };
  /// `began`: when the request was sent; one that began before the last cut says nothing new.
  void leave(Answer answer, Time began, Time now);
  [[nodiscard]] double limit() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable_any left_;
  const double max_;
  double limit_;  // guarded by mutex_, as are the next two
  int in_flight_{0};
  Time last_cut_{};
};

struct Endpoint {
  Endpoint(int tokens, int max_parallel) : retries(tokens), throttle(max_parallel) {}
  RetryTokens retries;
  Throttle throttle;
};

/// The endpoints of a Context, by "scheme://host:port". Thread-safe; a forked child starts anew.
class Endpoints {
 public:
  Endpoints(int tokens, int max_parallel) : tokens_(tokens), max_parallel_(max_parallel) {}
  [[nodiscard]] std::shared_ptr<Endpoint> of(std::string_view url);

 private:
  struct State {
    std::mutex mutex{};
    std::map<std::string, std::shared_ptr<Endpoint>, std::less<>> hosts{};  // guarded by mutex
  };
  int tokens_;
  int max_parallel_;
  PerProcess<State> state_;
};

}  // namespace cairn::vfs::net
