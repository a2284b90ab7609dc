// What goes on inside: one event per request, and log lines. Both are off unless given.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string_view>

namespace cairn::vfs {

/// One attempt of one HTTP request, after it ended. The views live during the call only; the URL is redacted.
struct RequestEvent {
  std::string_view operation{};  ///< "read", "put_part", "list", …
  std::string_view method{};
  std::string_view url{};
  int status{0};  ///< 0: no response
  int attempt{1};
  std::uint64_t bytes_sent{0};
  std::uint64_t bytes_received{0};
  std::chrono::microseconds duration{0};
  std::string_view request_id{};
  std::string_view error{};  ///< empty: success
};

/// Called from any thread; must not throw and must not call back into the same file system.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_request(const RequestEvent& event) noexcept = 0;
};

enum class LogLevel { debug, info, warning, error };

/// Lines are free of secrets. Called from any thread.
using LogSink = std::function<void(LogLevel, std::string_view)>;

}  // namespace cairn::vfs
