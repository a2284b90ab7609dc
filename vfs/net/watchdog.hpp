// Tells a slow exchange from one that stands still.
#pragma once

#include <chrono>
#include <cstdint>

namespace cairn::vfs::net {

/// Pure: time is an argument.
class Watchdog {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static constexpr std::uint64_t kMinBytesPerSecond = 1024;

  Watchdog(std::chrono::milliseconds patience, Time now) : patience_(patience), since_(now) {}

  /// Another phase begins: the request is out, or the answer has begun.
  void begin_phase(std::chrono::milliseconds patience, Time now) {
    patience_ = patience;
    since_ = now;
    moved_ = 0;
  }
  void add(std::uint64_t bytes) { moved_ += bytes; }

  /// How much longer it may take until enough bytes have moved; 0: it stands still.
  [[nodiscard]] std::chrono::milliseconds left(Time now) {
    const auto enough = kMinBytesPerSecond * static_cast<std::uint64_t>(patience_.count()) / 1000;
    if (moved_ > enough) {
      since_ = now;
      moved_ = 0;
    }
    const auto end = since_ + patience_;
    if (now >= end) return std::chrono::milliseconds{0};
    return std::chrono::ceil<std::chrono::milliseconds>(end - now);
  }

 private:
  std::chrono::milliseconds patience_;
  Time since_;
  std::uint64_t moved_{0};
};

}  // namespace cairn::vfs::net
