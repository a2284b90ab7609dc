// Time and randomness as arguments, so that a run under faults can be replayed.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>

namespace cairn::vfs {

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual std::chrono::system_clock::time_point now() = 0;
  [[nodiscard]] virtual std::chrono::steady_clock::time_point steady_now() = 0;
  /// Returns early when stopped.
  virtual void sleep(std::chrono::milliseconds duration, const std::stop_token& stop) = 0;
};

/// Uniform 64-bit numbers. Thread-safe.
class Random {
 public:
  virtual ~Random() = default;
  [[nodiscard]] virtual std::uint64_t next() = 0;
};

/// The machine's.
[[nodiscard]] std::shared_ptr<Clock> system_clock();
/// From the operating system (getrandom): also right after fork().
[[nodiscard]] std::shared_ptr<Random> system_random();

}  // namespace cairn::vfs
