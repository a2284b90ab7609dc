// The container "models" of the account "acct", behind a script.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/scripted_transport.hpp"
#include "vfs/azure/store.hpp"

namespace cairn::test::azure {

inline constexpr const char* kRoot = "https://acct.blob.core.windows.net/models";

inline vfs::Config with_key() {
  return {.azure = {.account = "acct", .account_key = "a2V5LWNhbmFyeQ==", .hierarchical = false}};
}

struct Container {
  explicit Container(std::vector<Answer> script, vfs::Config config = with_key())
      : Container(std::make_shared<ScriptedTransport>(std::move(script)), std::move(config)) {}
  explicit Container(ScriptedTransport::Handler handler, vfs::Config config = with_key())
      : Container(std::make_shared<ScriptedTransport>(std::move(handler)), std::move(config)) {}
  Container(std::shared_ptr<ScriptedTransport> scripted, vfs::Config config,
            const char* url = "az://models")
      : transport(std::move(scripted)),
        clock(std::make_shared<VirtualClock>()),
        store(vfs::make_azure_store_on(vfs::Url::parse(url),
                                       scripted_services(transport, std::move(config), clock))) {}

  [[nodiscard]] vfs::net::Request request(std::size_t index) const {
    return transport->requests().at(index);
  }
  [[nodiscard]] std::size_t count() const { return transport->requests().size(); }
  /// "PUT /k?comp=block": method and what comes after the container.
  [[nodiscard]] std::string line(std::size_t index) const { return line_of(request(index)); }
  [[nodiscard]] static std::string line_of(const vfs::net::Request& request) {
    const std::string root = kRoot;
    const bool ours = request.url.starts_with(root);
    return request.method + " " + (ours ? request.url.substr(root.size()) : request.url);
  }

  std::shared_ptr<ScriptedTransport> transport;
  std::shared_ptr<VirtualClock> clock;
  std::shared_ptr<vfs::Store> store;
};

/// What the service answers to what it has carried out.
inline Answer done(std::vector<std::pair<std::string, std::string>> headers = {}) {
  headers.insert(headers.end(), {{"ETag", "\"0x2\""}, {"x-ms-request-id", "r"}});
  return {.status = 201, .headers = std::move(headers)};
}
inline Answer head(std::vector<std::pair<std::string, std::string>> headers = {},
                   std::string size = "9") {
  headers.insert(headers.end(), {{"ETag", "\"0x1\""}, {"Content-Length", std::move(size)}});
  return {.headers = std::move(headers)};
}
inline Answer error(int status, const std::string& code) {
  return {
      .status = status,
      .headers = {{"x-ms-error-code", code}, {"x-ms-request-id", "r"}},
      .body = "<Error><Code>" + code + "</Code><Message>Because.\nRequestId:r</Message></Error>"};
}
inline Answer lost() {
  return {.failure = vfs::net::TransportFailure::receive};
}

inline std::string text_of(const vfs::Body& body) {
  std::string text(body.size(), '\0');
  vfs::BodyReader(body).read(std::as_writable_bytes(std::span(text)));
  return text;
}

}  // namespace cairn::test::azure
