#include "tests/support/simulated_azure/authorize.hpp"

#include <algorithm>
#include <array>

#include "tests/support/simulated/digests.hpp"
#include "tests/support/simulated_azure/sas.hpp"

namespace cairn::test::sim::azure {
namespace {

constexpr std::string_view kChallenge =
    "Bearer authorization_uri=https://login.microsoftonline.com/"
    "00000000-0000-0000-0000-00000000c0de/oauth2/authorize resource_id=https://storage.azure.com";

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

Refusal challenge(const std::string& code, std::string detail) {
  Refusal refusal(code, std::move(detail));
  refusal.headers = {{"WWW-Authenticate", std::string(kChallenge)}};
  return refusal;
}

/// Sorted by name, "name:value\n", the value without white space around it.
std::string canonical_headers(const Incoming& request) {
  std::string text;
  for (const auto& [name, value] : request.headers) {
    if (!name.starts_with("x-ms-")) continue;
    const std::size_t first = value.find_first_not_of(" \t");
    const std::size_t last = value.find_last_not_of(" \t");
    text += name + ":" + (first == value.npos ? "" : value.substr(first, last - first + 1)) + "\n";
  }
  return text;
}

/// The encoded path after "/account", then each parameter decoded on a line of its own.
std::string canonical_resource(const Incoming& request, const Account& account) {
  std::string text = "/" + account.name + request.raw_path;
  std::map<std::string, std::string> parameters;
  for (const auto& [name, value] : request.query) parameters[lower(name)] = value;
  for (const auto& [name, value] : parameters) text += "\n" + name + ":" + value;
  return text;
}

std::string text_to_sign(const Incoming& request, const Account& account) {
  constexpr std::array kNames{"content-encoding",
                              "content-language",
                              "content-length",
                              "content-md5",
                              "content-type",
                              "date",
                              "if-modified-since",
                              "if-match",
                              "if-none-match",
                              "if-unmodified-since",
                              "range"};
  std::string text = request.method + "\n";
  for (const std::string name : kNames) {
    std::string value = request.header(name);
    // Sent by the transport, whatever the client has put there; empty for 0 since 2015-02-21.
    if (name == "content-length") {
      value = request.body.empty() ? "" : std::to_string(request.body.size());
    }
    if (name == "date" && request.has("x-ms-date")) value.clear();
    text += value + "\n";
  }
  return text + canonical_headers(request) + canonical_resource(request, account);
}

/// x-ms-date wins over Date; 15 minutes off is too much.
void check_date(const Incoming& request, TimePoint now) {
  const std::string date =
      request.has("x-ms-date") ? request.header("x-ms-date") : request.header("date");
  const auto time = read_http_date(date);
  if (!time) {
    throw Refusal("AuthenticationFailed", "The Date header in the request is incorrect: " + date);
  }
  if (*time < now - std::chrono::minutes{15} || *time > now + std::chrono::minutes{15}) {
    throw Refusal("AuthenticationFailed", "Request date header too old: '" + date + "'");
  }
}

void check_shared_key(const Incoming& request, const Account& account, TimePoint now) {
  if (!account.shared_key) throw Refusal("AuthorizationFailure");
  check_date(request, now);
  const std::string sent = request.header("authorization");
  if (sent == "SharedKey " + account.name + ":" + shared_key_signature(request, account)) return;
  std::string used = text_to_sign(request, account);
  throw Refusal("AuthenticationFailed",
                "The MAC signature found in the HTTP request is not the same as any computed "
                "signature. Server used following string to sign: '" +
                    used + "'.");
}

bool is_read(const Rule& rule) {
  return rule.method == "GET" || rule.method == "HEAD";
}

}  // namespace

std::string shared_key_signature(const Incoming& request, const Account& account) {
  return base64(hmac_sha256(from_base64(account.key).value(), text_to_sign(request, account)));
}

void check_bearer(const std::string& authorization, const Account& account) {
  const auto token = account.tokens.find(authorization.substr(std::string_view("Bearer ").size()));
  if (token == account.tokens.end()) {
    throw challenge("InvalidAuthenticationInfo", "Signature validation failed.");
  }
  if (token->second) {
    throw challenge("InvalidAuthenticationInfo",
                    "Lifetime validation failed. The token is expired.");
  }
}

Grant authorize(const Incoming& request, const Address& address, const Rule& rule,
                const Account& account, TimePoint now) {
  const std::string authorization = request.header("authorization");
  if (request.asks("sig")) {
    // "The Authorization header and a SAS exclude one another."
    if (!authorization.empty()) throw Refusal("InvalidAuthenticationInfo");
    return {.permissions = check_sas(request.query, address, rule.resource_type, account, now)};
  }
  if (authorization.starts_with("SharedKey ")) {
    check_shared_key(request, account, now);
    return {.whole_account = true};
  }
  if (authorization.starts_with("Bearer ")) {
    check_bearer(authorization, account);
    return {.whole_account = true, .by_token = true};
  }
  if (!authorization.empty()) throw challenge("InvalidAuthenticationInfo", "");
  if (account.public_access && is_read(rule) && rule.resource_type != 's') {
    return {.permissions = "rl"};
  }
  throw challenge("NoAuthenticationInformation", "");
}

}  // namespace cairn::test::sim::azure
