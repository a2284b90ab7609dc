// Which requests go through a proxy, and through which one. Pure.
#pragma once

#include <string>
#include <string_view>

#include "vfs/config.hpp"
#include "vfs/net/transport.hpp"
#include "vfs/secret.hpp"

namespace cairn::vfs::net {

struct Proxy {
  Secret url{};          ///< may hold a user name and a password; empty: none
  std::string source{};  ///< "HTTPS_PROXY"
};

struct ProxySettings {
  Proxy http{};
  Proxy https{};
  std::string no_proxy{};  ///< hosts that are spoken to directly, as libcurl reads it
};

/// HttpOptions::proxy, then the environment as curl reads it: https_proxy, HTTPS_PROXY, all_proxy,
/// ALL_PROXY. http_proxy counts in lower case only: CGI programs get HTTP_PROXY from whoever sends
/// them a request ("httpoxy", CVE-2016-5385).
[[nodiscard]] ProxySettings proxy_settings(const Config& config);

/// The proxy for a URL; nullptr: none. Never one for this machine's own names and addresses, nor
/// for those of the metadata services (169.254.0.0/16, fd00:ec2::/32): what they give out are
/// credentials.
[[nodiscard]] const Proxy* proxy_for(const ProxySettings& settings, std::string_view url);

/// Throws TransportError(refused) if it can't be one: "http://proxy:3128", "user:password@proxy"
/// and "socks5h://proxy" can.
void check_proxy(const Proxy& proxy);

/// The proxy answered with this status instead of a tunnel.
[[nodiscard]] TransportError refusal_of(const Proxy& proxy, long status);

}  // namespace cairn::vfs::net
