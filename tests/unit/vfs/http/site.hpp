// A file system on a web server whose answers a test makes up.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "tests/support/error_of.hpp"
#include "tests/support/scripted_transport.hpp"
#include "vfs/http/store.hpp"
#include "vfs/store.hpp"

namespace cairn::test {

/// One store on "http://web.example", with answers by script or by function.
struct ScriptedSite {
  template <class Script>
  explicit ScriptedSite(Script script, vfs::Config config = {},
                        const std::string& url = "http://web.example")
      : transport(std::make_shared<ScriptedTransport>(std::move(script))),
        store(vfs::make_http_store_on(vfs::Url::parse(url),
                                      scripted_services(transport, std::move(config)))) {}

  [[nodiscard]] std::vector<vfs::net::Request> requests() const { return transport->requests(); }
  /// "GET /a", for each request.
  [[nodiscard]] std::vector<std::string> lines() const {
    std::vector<std::string> out;
    for (const auto& request : transport->requests()) {
      const std::size_t path = request.url.find('/', request.url.find("://") + 3);
      out.push_back(request.method + ' ' +
                    (path == std::string::npos ? "/" : request.url.substr(path)));
    }
    return out;
  }

  std::shared_ptr<ScriptedTransport> transport;
  std::shared_ptr<vfs::Store> store;
};

using Lines = std::vector<std::string>;

}  // namespace cairn::test
