#include "vfs/azure/credentials/tokens.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "vfs/net/credentials.hpp"
#include "vfs/net/json.hpp"
#include "vfs/net/text.hpp"

namespace cairn::vfs::azure {
namespace {

constexpr std::int64_t kLongest = 366 * 24 * 3600;  // seconds that a token may live
constexpr std::int64_t kLast = 4'102'444'800;       // 2100

/// The services of machines write numbers as texts.
std::optional<std::int64_t> number_of(const nlohmann::json& object, const char* name,
                                      std::int64_t max) {
  if (const auto number = net::json_number(object, name, max)) return number;
  const auto number = net::parse_number(net::json_text(object, name));
  if (!number || *number > static_cast<std::uint64_t>(max)) return {};
  return static_cast<std::int64_t>(*number);
}

}  // namespace

std::string authority_of(std::string_view host) {
  // https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud
  if (host.ends_with(".chinacloudapi.cn")) return "https://login.chinacloudapi.cn";
  if (host.ends_with(".usgovcloudapi.net")) return "https://login.microsoftonline.us";
  return "https://login.microsoftonline.com";
}

Credentials parse_token(std::string_view text, TimePoint now, std::string_view place) {
  const auto json = net::parse_json_object(text);
  if (!json) throw net::CredentialError(fmt::format("{} gave no JSON object", place));
  std::string token = net::json_text(*json, "access_token");
  if (token.empty()) token = net::json_text(*json, "accessToken");  // as `az` spells it
  if (!is_token(token)) {
    throw net::CredentialError(fmt::format("{} gave no access token", place));
  }
  Credentials credentials{.token = std::move(token)};
  if (const auto end = number_of(*json, "expires_on", kLast)) {
    credentials.expires = TimePoint{std::chrono::seconds{*end}};
  } else if (const auto left = number_of(*json, "expires_in", kLongest)) {
    credentials.expires = now + std::chrono::seconds{*left};
  }
  if (credentials.expires && *credentials.expires <= now) {
    throw net::CredentialError(fmt::format("{} gave a token that has expired", place),
                               "is the clock of this machine right?");
  }
  return credentials;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

bool is_tenant(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.';
  });
}

}  // namespace cairn::vfs::azure
