// Raw requests to the simulated Azure: what is sent is written out in each test.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/simulated_azure/server.hpp"

namespace cairn::test {

namespace azure = sim::azure;

/// Thu, 12 Feb 2026 00:00:00 GMT
inline constexpr sim::TimePoint kNow = std::chrono::sys_days{std::chrono::year{2026} / 2 / 12};

struct Ask {
  std::string method{"GET"};
  std::string target{};  ///< what follows the account: "/bkt/file?comp=block"
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
};

class Client {
 public:
  explicit Client(azure::ServerOptions options = {}) : server_(std::move(options)) {}

  /// With version, date and a Shared Key signature.
  [[nodiscard]] sim::Reply ask(const Ask& ask);
  [[nodiscard]] sim::Reply ask_dfs(const Ask& ask);
  /// With the version only: what else there is stands in `ask`.
  [[nodiscard]] sim::Reply send(const Ask& ask);
  [[nodiscard]] sim::Reply send_raw(const vfs::net::Request& request);

  /// A blob by Put Blob; its etag.
  std::string put(const std::string& name, const std::string& bytes);
  [[nodiscard]] azure::Server& server() { return server_; }
  [[nodiscard]] std::string content(const std::string& name) const;
  void wait(std::chrono::seconds time) { now_ += time; }

 private:
  [[nodiscard]] sim::Reply signed_at(const std::string& host, const Ask& ask);

  azure::Server server_;
  sim::TimePoint now_{kNow};
};

[[nodiscard]] vfs::net::Request make_request(const std::string& host, const Ask& ask);
/// x-ms-error-code, empty if there is none.
[[nodiscard]] std::string code_of(const sim::Reply& reply);
[[nodiscard]] std::string header_of(const sim::Reply& reply, std::string_view name);
/// The text between <name> and </name>, of each such element.
[[nodiscard]] std::vector<std::string> elements(const std::string& xml, const std::string& name);

}  // namespace cairn::test
