// A Transport that answers by script, and a clock and a random source that a test holds in its
// hand.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstring>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "vfs/base/services.hpp"
#include "vfs/base/thread_pool.hpp"
#include "vfs/net/transport.hpp"

namespace cairn::test {

/// Moves only when somebody sleeps.
class VirtualClock final : public vfs::Clock {
 public:
  std::chrono::system_clock::time_point now() override {
    const std::lock_guard lock(mutex_);
    return wall_ + elapsed_;
  }
  std::chrono::steady_clock::time_point steady_now() override {
    const std::lock_guard lock(mutex_);
    return steady_ + elapsed_;
  }
  void sleep(std::chrono::milliseconds duration, const std::stop_token&) override {
    const std::lock_guard lock(mutex_);
    elapsed_ += duration;
    sleeps_.push_back(duration);
  }
  [[nodiscard]] std::vector<std::chrono::milliseconds> sleeps() const {
    const std::lock_guard lock(mutex_);
    return sleeps_;
  }

 private:
  mutable std::mutex mutex_;
  std::chrono::system_clock::time_point wall_{
      std::chrono::sys_days{std::chrono::year{2026} / 2 / 12}};
  std::chrono::steady_clock::time_point steady_{std::chrono::steady_clock::now()};
  std::chrono::milliseconds elapsed_{0};
  std::vector<std::chrono::milliseconds> sleeps_;
};

/// Always the same number.
class FixedRandom final : public vfs::Random {
 public:
  explicit FixedRandom(std::uint64_t value) : value_(value) {}
  std::uint64_t next() override { return value_; }

 private:
  std::uint64_t value_;
};

/// An answer: status, headers, body. The body of a 2xx goes to the destination if there is one, as
/// a real transport does it.
struct Answer {
  int status{200};
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
  std::optional<vfs::net::TransportFailure> failure{};  ///< after the body
};

class ScriptedTransport final : public vfs::net::Transport {
 public:
  using Handler = std::function<Answer(const vfs::net::Request&)>;
  explicit ScriptedTransport(std::vector<Answer> script) : script_(std::move(script)) {}
  explicit ScriptedTransport(Handler handler) : handler_(std::move(handler)) {}

  vfs::net::Response send(const vfs::net::Request& request,
                          const vfs::net::Exchange& exchange) override {
    Answer answer = next(request);
    vfs::net::Response response{.status = answer.status};
    for (const auto& [name, value] : answer.headers) response.headers.add(name, value);
    auto failure = answer.failure;
    if (exchange.destination && answer.status / 100 == 2) {
      if (answer.status == 200) {
        response.skipped = std::min<std::uint64_t>(answer.body.size(), exchange.skip_of_whole);
        answer.body.erase(0, response.skipped);
      }
      response.received = std::min(answer.body.size(), exchange.destination->size());
      std::memcpy(exchange.destination->data(), answer.body.data(), response.received);
      if (response.received < answer.body.size()) {
        failure = vfs::net::TransportFailure::body_too_large;
      }
    } else {
      response.body = std::move(answer.body);
    }
    if (failure) throw vfs::net::TransportError(*failure, "scripted failure", std::move(response));
    return response;
  }

  [[nodiscard]] std::vector<vfs::net::Request> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  Answer next(const vfs::net::Request& request) {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
    if (handler_) return handler_(request);
    const std::size_t index = requests_.size() - 1;
    return index < script_.size() ? script_[index] : Answer{.status = 599};
  }

  mutable std::mutex mutex_;
  std::vector<vfs::net::Request> requests_;  // guarded by mutex_
  std::vector<Answer> script_;
  Handler handler_;
};

/// Services around a scripted transport; the environment is empty but for what config holds.
inline vfs::Services scripted_services(
    std::shared_ptr<vfs::net::Transport> transport, vfs::Config config = {},
    std::shared_ptr<VirtualClock> clock = std::make_shared<VirtualClock>()) {
  if (!config.environment) {
    config.environment = [](std::string_view) { return std::optional<std::string>{}; };
  }
  return {.config = std::move(config),
          .clock = std::move(clock),
          .random = std::make_shared<FixedRandom>(7),
          .pool = std::make_shared<vfs::ThreadPool>(2),
          .transport = std::move(transport)};
}

}  // namespace cairn::test
