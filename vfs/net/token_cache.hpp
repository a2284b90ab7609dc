// Credentials that run out: fetched by one thread at a time, ahead of their end.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "vfs/base/clock.hpp"
#include "vfs/base/per_process.hpp"
#include "vfs/net/transport.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs::net {

/// `Token` has `std::optional<TimePoint> expires` and ==. Thread-safe; a forked child fetches its
/// own.
///
/// Within 15 minutes of its end (or half of its life) one caller fetches the next token while the
/// others go on with the old one; within 10 minutes (or a third) all wait for it. If the fetch
/// fails, a token that is still good is used on.
template <class Token>
class TokenCache {
 public:
  using Shared = std::shared_ptr<const Token>;
  /// May throw. Gets the token before, if there was one.
  using Fetch = std::function<Token(const CallOptions& options, const Shared& before)>;

  TokenCache(std::shared_ptr<Clock> clock, Fetch fetch)
      : clock_(std::move(clock)), fetch_(std::move(fetch)) {}

  /// Throws what the fetch throws; TransportError(cancelled or deadline) while waiting for another
  /// caller's.
  [[nodiscard]] Shared get(const CallOptions& options) {
    State& state = state_.get();
    std::unique_lock lock(state.mutex);
    for (;;) {
      const Need need = need_of(state);
      if (need == Need::none || (need == Need::soon && state.fetching)) return state.token;
      if (!state.fetching) return fetch(state, lock, options);
      wait(state, lock, options);
    }
  }

  /// What get() would give if nothing had to be fetched; may be empty.
  [[nodiscard]] Shared current() {
    State& state = state_.get();
    const std::lock_guard lock(state.mutex);
    return state.token;
  }

  /// The service refused this token: the next get() fetches another, once for all callers that say
  /// so of the same one. False: that was done a moment ago, and gave the same one.
  [[nodiscard]] bool invalidate(const Token& bad) {
    State& state = state_.get();
    const std::lock_guard lock(state.mutex);
    if (!state.token || *state.token != bad) return true;  // there is another one already
    if (clock_->now() < state.no_other_before) return false;
    state.refused = true;
    return true;
  }

 private:
  static constexpr std::chrono::minutes kSoon{15};
  static constexpr std::chrono::minutes kNow{10};
  static constexpr std::chrono::seconds kPause{10};  // after a fetch that was no use

  struct State {
    std::mutex mutex{};
    std::condition_variable_any fetched{};
    Shared token{};  // guarded by mutex, as are all below
    TimePoint since{};
    TimePoint not_before{};       // of the next fetch, while the token is still good
    TimePoint no_other_before{};  // the last forced fetch gave the token that was refused
    bool refused{false};
    bool fetching{false};
    std::exception_ptr
        failure{};  // of the last fetch, for those who waited; unless it was given up
  };
  enum class Need { none, soon, now };

  Need need_of(const State& state) const {
    if (!state.token || state.refused) return Need::now;
    if (!state.token->expires) return Need::none;
    const TimePoint now = clock_->now();
    const auto life = *state.token->expires - state.since;
    const auto left = *state.token->expires - now;
    if (left > std::min<TimePoint::duration>(kSoon, life / 2)) return Need::none;
    if (left > TimePoint::duration::zero() && now < state.not_before) return Need::none;
    return left > std::min<TimePoint::duration>(kNow, life / 3) ? Need::soon : Need::now;
  }

  Shared fetch(State& state, std::unique_lock<std::mutex>& lock, const CallOptions& options) {
    state.fetching = true;
    const Shared before = state.token;
    const bool usable =
        before && !state.refused && (!before->expires || *before->expires > clock_->now());
    lock.unlock();
    Shared token;
    std::exception_ptr failure;
    try {
      token = std::make_shared<const Token>(fetch_(options, before));
    } catch (...) {
      failure = std::current_exception();
    }
    const bool given_up = options.stop.stop_requested() ||
                          (options.deadline && clock_->steady_now() >= *options.deadline);
    lock.lock();
    state.fetching = false;
    state.failure = given_up ? nullptr : failure;
    if (token) {
      const bool same = state.refused && before && *token == *before;
      state.no_other_before = same ? clock_->now() + kPause : TimePoint{};
      state.token = token;
      state.since = clock_->now();
      state.refused = false;
    } else if (!given_up) {
      state.not_before = clock_->now() + kPause;
    }
    state.fetched.notify_all();
    if (token) return token;
    if (usable) return before;
    std::rethrow_exception(failure);
  }

  /// Until the fetch that is under way has ended. What it threw is thrown here, too.
  void wait(State& state, std::unique_lock<std::mutex>& lock, const CallOptions& options) const {
    const auto ended = [&] { return !state.fetching; };
    const bool in_time =
        options.deadline ? state.fetched.wait_until(lock, options.stop, *options.deadline, ended)
                         : state.fetched.wait(lock, options.stop, ended);
    if (!in_time) {
      const bool stopped = options.stop.stop_requested();
      throw TransportError(
          stopped ? TransportFailure::cancelled : TransportFailure::deadline,
          stopped ? "cancelled" : "the deadline has passed while waiting for credentials");
    }
    if (state.failure && need_of(state) == Need::now) std::rethrow_exception(state.failure);
  }

  std::shared_ptr<Clock> clock_;
  Fetch fetch_;
  PerProcess<State> state_;
};

}  // namespace cairn::vfs::net
