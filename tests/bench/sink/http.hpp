// A request as the sink reads it, and what it answers: as much of HTTP as benchmarks need.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cairn::bench {

class Request {
 public:
  /// From the text of its head. Without a method it is no request.
  explicit Request(std::string head);
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  std::string_view method{};
  std::string_view target{};
  std::string_view range{};
  std::uint64_t length{0};
  bool chunked{false};
  bool waits{false};   ///< for "100 Continue" before it sends the body
  std::string body{};  ///< its beginning; nothing of what is put

  [[nodiscard]] bool has(std::string_view part) const { return target.find(part) != target.npos; }
  /// The target without its query.
  [[nodiscard]] std::string_view path() const { return target.substr(0, target.find('?')); }
  /// Of the field with that name (lower case, with its colon): clients spell it as they like.
  [[nodiscard]] std::string_view header(std::string_view name) const;
  /// Of "name=" in the query.
  [[nodiscard]] std::uint64_t parameter(std::string_view name, std::uint64_t fallback) const;

 private:
  std::string head_;  // which the views look at
};

/// Bytes [first, last] of the object that is that large.
struct Slice {
  std::uint64_t first{0};
  std::uint64_t last{0};
};

struct Answer {
  const char* counted{"other"};  ///< as which request
  std::string_view status{"200 OK"};
  std::string headers{};  ///< each with its line break
  std::string body{};
  std::optional<Slice> object{};  ///< is sent instead of a body
  std::uint64_t received{0};      ///< bytes of an object that came in a request that is no PUT
};

/// Reads the digits at the start.
[[nodiscard]] std::uint64_t number(std::string_view text);

}  // namespace cairn::bench
