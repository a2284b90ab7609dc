// A request as a server sees it, and its answer.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vfs/net/transport.hpp"

namespace cairn::test::sim {

/// Path and query decoded; header names in lower case.
struct Incoming {
  std::string method{};
  std::string host{};
  std::string raw_path{};
  std::string path{};  ///< decoded, with its first '/'
  std::map<std::string, std::string> query{};
  std::map<std::string, std::string> headers{};
  std::string body{};

  [[nodiscard]] bool has(const std::string& header) const { return headers.contains(header); }
  [[nodiscard]] bool asks(const std::string& parameter) const { return query.contains(parameter); }
  [[nodiscard]] std::string header(const std::string& name) const;  ///< empty if absent
  [[nodiscard]] std::string parameter(const std::string& name) const;
};

/// Throws std::invalid_argument if the URL or the headers could not have been sent like this.
[[nodiscard]] Incoming read_request(const vfs::net::Request& request);

struct Reply {
  int status{200};
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};

  void set(const std::string& name, std::string value);
  void remove(std::string_view name);  ///< without case, as in find and set
  [[nodiscard]] const std::string* find(std::string_view name) const;
};

[[nodiscard]] std::string escape_xml(std::string_view text);
/// RFC 3986, all but A-Za-z0-9-._~.
[[nodiscard]] std::string encode(std::string_view text, std::string_view keep = {});
/// Throws std::invalid_argument at a broken escape. '+' stays.
[[nodiscard]] std::string decode(std::string_view text);
/// "Thu, 12 Feb 2026 00:00:00 GMT"
[[nodiscard]] std::string http_date(std::chrono::system_clock::time_point time);

}  // namespace cairn::test::sim
