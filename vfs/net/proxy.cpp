#include "vfs/net/proxy.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include "vfs/base/variables.hpp"
#include "vfs/net/text.hpp"

namespace cairn::vfs::net {
namespace {

/// Without its port, user information and brackets.
std::string bare_host(std::string_view url) {
  url.remove_prefix(std::min(url.find("://") + 3, url.size()));
  url = url.substr(0, url.find_first_of("/?#"));
  url.remove_prefix(url.rfind('@') + 1);  // npos + 1 is 0
  if (url.starts_with('[')) return std::string(url.substr(1, url.find(']') - 1));
  std::string host = lower_case(url.substr(0, url.find(':')));
  if (host.ends_with('.')) host.pop_back();
  return host;
}

bool is_near_v4(const unsigned char* address) {
  return address[0] == 127 || (address[0] == 169 && address[1] == 254);
}

bool is_near_v6(const in6_addr& address) {
  if (IN6_IS_ADDR_LOOPBACK(&address)) return true;
  if (IN6_IS_ADDR_V4MAPPED(&address)) return is_near_v4(&address.s6_addr[12]);
  constexpr std::array<unsigned char, 4> kMetadata{0xfd, 0x00, 0x0e, 0xc2};
  return std::equal(kMetadata.begin(), kMetadata.end(), &address.s6_addr[0]);
}

bool is_near(const std::string& host) {
  if (host == "localhost" || host.ends_with(".localhost")) return true;
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) {
    return is_near_v4(reinterpret_cast<const unsigned char*>(&v4));
  }
  in6_addr v6{};
  return inet_pton(AF_INET6, host.c_str(), &v6) == 1 && is_near_v6(v6);
}

/// What is wrong with it, without secrets; empty: nothing.
std::string fault_of(std::string_view url) {
  constexpr std::array<std::string_view, 6> kSchemes{"http",    "https",  "socks4",
                                                     "socks4a", "socks5", "socks5h"};
  const std::size_t separator = url.find("://");
  const std::string scheme =
      separator == std::string_view::npos ? "http" : lower_case(url.substr(0, separator));
  if (std::ranges::find(kSchemes, scheme) == kSchemes.end()) {
    return "its scheme is none of http, https, socks4, socks4a, socks5, socks5h";
  }
  if (!std::ranges::all_of(url, [](char c) { return c > ' ' && c < '\x7f'; })) {
    return "it holds a character that a URL can't";
  }
  const std::size_t start = separator == std::string_view::npos ? 0 : separator + 3;
  std::string_view authority = url.substr(start, url.find_first_of("/?#", start) - start);
  authority.remove_prefix(authority.rfind('@') + 1);
  if (authority.empty() || authority.starts_with(':')) return "it names no host";
  return {};
}

}  // namespace

ProxySettings proxy_settings(const Config& config) {
  const Variables variables(config.environment);
  const auto from = [&variables](std::initializer_list<std::string_view> names) -> Proxy {
    Variable variable = variables.first_named(names);
    return {.url = std::move(variable.value), .source = std::move(variable.name)};
  };
  ProxySettings settings;
  settings.no_proxy = variables.first_of({"no_proxy", "NO_PROXY"}).value_or("");
  if (!config.http.proxy.empty()) {
    settings.http = settings.https = {.url = config.http.proxy, .source = "HttpOptions::proxy"};
    return settings;
  }
  settings.http = from({"http_proxy", "all_proxy", "ALL_PROXY"});
  settings.https = from({"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"});
  return settings;
}

const Proxy* proxy_for(const ProxySettings& settings, std::string_view url) {
  const Proxy& proxy = url.starts_with("https:") ? settings.https : settings.http;
  return proxy.url.empty() || is_near(bare_host(url)) ? nullptr : &proxy;
}

void check_proxy(const Proxy& proxy) {
  const std::string fault = fault_of(proxy.url.reveal());
  if (fault.empty()) return;
  throw TransportError(TransportFailure::refused,
                       fmt::format("{} is not the URL of a proxy: {}", proxy.source, fault));
}

TransportError refusal_of(const Proxy& proxy, long status) {
  Response response;
  response.status = static_cast<int>(status);
  // 5xx: it can't reach the server, which may pass.
  return {status < 500 ? TransportFailure::proxy : TransportFailure::connect,
          fmt::format("the proxy {} of {} answered {} instead of connecting",
                      redact_url(proxy.url.reveal()), proxy.source, status),
          std::move(response)};
}

}  // namespace cairn::vfs::net
