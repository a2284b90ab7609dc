// An HTTP/1.1 message as bytes: read from a socket, taken apart, put together. For test servers and
// proxies.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cairn::test {

struct HttpMessage {
  std::string start_line{};  ///< "GET /k HTTP/1.1", "HTTP/1.1 200 OK"
  std::vector<std::pair<std::string, std::string>> headers{};  ///< names as they came
  std::string body{};

  /// Empty if absent. Names are compared without case.
  [[nodiscard]] std::string header(std::string_view name) const;
  void set_header(std::string_view name, std::string value);
  void remove_header(std::string_view name);
  [[nodiscard]] std::string method() const;  ///< of a request
  [[nodiscard]] std::string target() const;  ///< of a request
  [[nodiscard]] int status() const;          ///< of a response
  [[nodiscard]] std::string head() const;    ///< all but the body, with the empty line
};

[[nodiscard]] std::string lower(std::string_view text);

/// Reads from `socket`; `buffer` holds what was read beyond. Absent at the end of the connection.
[[nodiscard]] std::optional<HttpMessage> read_head(int socket, std::string& buffer);
/// The body that the head announces: by its length or in chunks (the message then has a length).
/// False: it was cut.
[[nodiscard]] bool read_body(int socket, std::string& buffer, HttpMessage& message);

}  // namespace cairn::test
