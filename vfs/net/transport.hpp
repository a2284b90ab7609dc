// The seam to the network: one HTTP exchange, blocking. libcurl in production, scripted and
// simulated ones in tests.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vfs/bytes.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs::net {

/// Header fields in sending order. Names are compared without case.
class Headers {
 public:
  void set(std::string_view name, std::string_view value);  ///< replaces
  void add(std::string_view name, std::string_view value);
  void remove(std::string_view name);
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  [[nodiscard]] std::string_view get(std::string_view name) const;  ///< empty if absent
  [[nodiscard]] auto begin() const { return fields_.begin(); }
  [[nodiscard]] auto end() const { return fields_.end(); }
  [[nodiscard]] std::size_t size() const { return fields_.size(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

struct Request {
  std::string method{"GET"};
  std::string url{};  ///< absolute, encoded: these bytes are sent
  Headers headers{};
  Body body{};
  bool has_body{false};  ///< send Content-Length also when it is 0
};

struct Response {
  int status{0};
  Headers headers{};
  std::string body{};                     ///< what did not go to the destination; capped
  std::uint64_t received{0};              ///< bytes that went to the destination
  std::optional<Checksum> checksum{};     ///< of these, if the exchange asked for one
  std::uint64_t skipped{0};               ///< bytes before them, dropped
  /// It was sent more than once, because a kept connection broke before an answer: the server may
  /// have carried it out before.
  bool resent{false};
};

/// How an exchange may end, and where its body goes.
struct Exchange {
  /// Filled from its start by the body of a 2xx response (and by nothing else). Without it the body
  /// goes to Response::body.
  std::optional<std::span<std::byte>> destination{};
  /// A server that ignores ranges sends a 200: so many bytes of it come before the destination's.
  std::uint64_t skip_of_whole{0};
  std::uint64_t max_body{16ULL << 20};  ///< of Response::body
  /// Compute Response::checksum, of this type, while the bytes are in the cache.
  std::optional<ChecksumType> digest{};
  std::stop_token stop{};
  std::optional<std::chrono::steady_clock::time_point> deadline{};
  /// How long the server may be silent once it has the whole request; absent: as long as elsewhere.
  std::optional<std::chrono::milliseconds> response_patience{};
};

enum class TransportFailure {
  connect,
  resolve,
  tls,
  proxy,  ///< it refuses to connect; Response::status says why
  send,
  receive,
  partial_body,
  body_too_large,
  stalled,
  deadline,
  cancelled,
  refused,
  other
};

/// No usable response. `response` holds what had arrived.
class TransportError : public std::exception {
 public:
  TransportError(TransportFailure failure, std::string message, Response response = {})
      : failure_(failure), message_(std::move(message)), response_(std::move(response)) {}
  [[nodiscard]] TransportFailure failure() const noexcept { return failure_; }
  [[nodiscard]] const Response& response() const noexcept { return response_; }
  [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }

 private:
  TransportFailure failure_;
  std::string message_;
  Response response_;
};

class Transport {
 public:
  virtual ~Transport() = default;
  /// One exchange, no retry and no redirect. Any status is a Response; throws TransportError.
  /// Thread-safe.
  [[nodiscard]] virtual Response send(const Request& request, const Exchange& exchange) = 0;
};

}  // namespace cairn::vfs::net
