// The container "cont" of the hierarchical account "acct", behind a script.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/scripted_transport.hpp"
#include "vfs/azure/dfs.hpp"
#include "vfs/base/shared.hpp"

namespace cairn::test::hierarchical {

using vfs::AzureOptions;

inline constexpr const char* kBlob = "https://acct.blob.core.windows.net/cont";
inline constexpr const char* kDfs = "https://acct.dfs.core.windows.net/cont";

inline AzureOptions with_key() {
  return {.account = "acct", .account_key = "a2V5"};
}
inline AzureOptions with_sas() {
  return {.account = "acct", .sas_token = "sv=2023-11-03&sig=s%3D"};
}
inline AzureOptions with_token() {
  return {.account = "acct", .token = "eyJ0"};
}

/// The container "cont" of the account "acct".
struct Account {
  explicit Account(ScriptedTransport::Handler handler, AzureOptions options = with_key())
      : transport(std::make_shared<ScriptedTransport>(std::move(handler))),
        services(scripted_services(transport, {.azure = std::move(options)})),
        connection(vfs::Url::parse("az://cont"), with_cache(services)) {}
  explicit Account(std::vector<Answer> script, AzureOptions options = with_key())
      : transport(std::make_shared<ScriptedTransport>(std::move(script))),
        services(scripted_services(transport, {.azure = std::move(options)})),
        connection(vfs::Url::parse("az://cont"), with_cache(services)) {}

  static vfs::Services& with_cache(vfs::Services& services) {
    services.shared = std::make_shared<vfs::Shared>();
    return services;
  }
  [[nodiscard]] bool is_hierarchical() {
    return vfs::azure::Namespace(connection).is_hierarchical({});
  }
  [[nodiscard]] vfs::net::Request request(std::size_t index) const {
    return transport->requests().at(index);
  }
  [[nodiscard]] std::size_t count() const { return transport->requests().size(); }
  [[nodiscard]] std::string line(std::size_t index) const {
    return request(index).method + " " + request(index).url;
  }

  std::shared_ptr<ScriptedTransport> transport;
  vfs::Services services;
  vfs::azure::Connection connection;
};

inline Answer head(const std::string& etag,
                   std::vector<std::pair<std::string, std::string>> more = {}) {
  more.insert(more.end(), {{"etag", etag}, {"content-length", "5"}, {"x-ms-request-id", "r"}});
  return {.headers = std::move(more)};
}
inline Answer created() {
  return {.status = 201, .headers = {{"etag", "\"0x2\""}, {"x-ms-request-id", "r"}}};
}
/// As the pages say: JSON, and the code in a header, too.
inline Answer error(int status, const std::string& code) {
  return {.status = status,
          .headers = {{"x-ms-error-code", code}},
          .body = R"({"error":{"code":")" + code + R"(","message":"Because.\nRequestId:1"}})"};
}
inline Answer lost() {
  return {.failure = vfs::net::TransportFailure::receive};
}

}  // namespace cairn::test::hierarchical
