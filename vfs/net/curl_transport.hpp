// The production Transport: libcurl easy handles that are kept alive with their connections.
#pragma once

#include <memory>

#include "vfs/config.hpp"
#include "vfs/net/transport.hpp"

namespace cairn::vfs::net {

/// Timeouts and certificates come from config.http and the environment. HTTP/1.1, TLS 1.2 or newer,
/// always verified; follows no redirect. Works in the child after fork(), which starts with
/// connections of its own.
[[nodiscard]] std::shared_ptr<Transport> make_curl_transport(const Config& config);

}  // namespace cairn::vfs::net
