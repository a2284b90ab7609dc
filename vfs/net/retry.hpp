// What to try again, and after how long: pure functions.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "vfs/config.hpp"
#include "vfs/net/transport.hpp"

namespace cairn::vfs::net {

/// What an attempt that failed allows.
struct Verdict {
  bool retry{false};
  /// The server may have carried the request out: a later "already exists" can be our own doing.
  bool may_have_happened{false};

  friend bool operator==(const Verdict&, const Verdict&) = default;
};

[[nodiscard]] Verdict judge(TransportFailure failure);
/// `code` is the service's ("SlowDown"), empty if there is none.
[[nodiscard]] Verdict judge(int status, std::string_view code);

/// Full jitter: uniform in [0, min(max_delay, base_delay * 2^(failures - 1))]. Needs failures >= 1.
[[nodiscard]] std::chrono::milliseconds backoff(const RetryPolicy& policy, int failures,
                                                std::uint64_t random);

/// Retry-After (seconds or a date), or in milliseconds x-amz-retry-after, x-ms-retry-after-ms and
/// retry-after-ms.
[[nodiscard]] std::optional<std::chrono::milliseconds> retry_after(
    const Headers& headers, std::chrono::system_clock::time_point now);

}  // namespace cairn::vfs::net
