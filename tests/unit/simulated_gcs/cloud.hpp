// The simulated Cloud Storage and its raw requests, for the tests of the model itself.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/simulated_gcs/server.hpp"

namespace cairn::test {

using Json = nlohmann::json;
using Headers = std::vector<std::pair<std::string, std::string>>;

/// What RFC 7515 calls the alphabet for URLs.
[[nodiscard]] std::string base64_url(std::string_view bytes);
/// A JWT that the pair of keys of this process signs.
[[nodiscard]] std::string signed_jwt(const Json& claims,
                                     const Json& header = {{"alg", "RS256"}, {"typ", "JWT"}});
/// The status and headers of a request.
[[nodiscard]] vfs::net::Request make_request(const std::string& method, const std::string& url,
                                             const Headers& headers, std::string_view body);

/// One bucket "bkt" whose caller has the token "token".
struct Cloud {
  explicit Cloud(sim::gcs::Options options = {});

  /// With the token. `target`: path and query.
  sim::Reply send(const std::string& method, const std::string& target, Headers headers = {},
                  std::string_view body = {});
  sim::Reply bare(const std::string& method, const std::string& target, const Headers& headers = {},
                  std::string_view body = {});

  /// uploadType=media; the resource.
  Json insert(const std::string& encoded_name, std::string_view bytes,
              const std::string& more = {});
  std::string generation(const std::string& key) const { return server.etag(key); }

  sim::gcs::Server server;
  sim::TimePoint now{std::chrono::sys_days{std::chrono::year{2026} / 2 / 12}};
};

/// Of the answer's body.
[[nodiscard]] Json json_of(const sim::Reply& reply);
/// error.errors[0].reason
[[nodiscard]] std::string reason_of(const sim::Reply& reply);
/// Of an XML error.
[[nodiscard]] std::string code_of(const sim::Reply& reply);
/// The value of a header, empty if absent.
[[nodiscard]] std::string header_of(const sim::Reply& reply, std::string_view name);

}  // namespace cairn::test
