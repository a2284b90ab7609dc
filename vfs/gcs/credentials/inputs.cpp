#include "vfs/gcs/credentials/inputs.hpp"

#include <cerrno>
#include <system_error>

#include <fmt/format.h>
#include <unistd.h>

#include "vfs/bytes.hpp"
#include "vfs/crypto/encoding.hpp"
#include "vfs/net/json.hpp"
#include "vfs/net/text.hpp"

namespace cairn::vfs::gcs {
namespace {

using net::CredentialError;

constexpr std::int64_t kLongest = 365 * 24 * 3600;  // seconds that a token may live

bool is_domain(std::string_view text) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789-.";
  return !text.empty() && text.find_first_not_of(kAllowed) == text.npos;
}

[[noreturn]] void refuse_without(const std::string& place, const char* name) {
  throw CredentialError(fmt::format("{} has no \"{}\"", place, name),
                        "take the file whole, as the Google Cloud console or gcloud gave it");
}

}  // namespace

std::string hint_of(const net::Outcome& outcome, std::string refused) {
  if (!outcome.failure) return refused;
  return "it can't be reached from here: check the network and the proxy";
}

std::string Document::text(const char* name) const {
  return net::json_text(json, name);
}

std::string Document::require(const char* name) const {
  std::string value = text(name);
  if (value.empty()) refuse_without(place, name);
  return value;
}

Document Document::member(const char* name) const {
  const auto found = json.find(name);
  if (found == json.end() || !found->is_object()) {
    refuse_without(place, name);
  }
  return {.place = fmt::format("{} \"{}\"", place, name), .json = *found};
}

std::string Document::universe() const {
  const std::string domain = text("universe_domain");
  if (domain.empty()) return "googleapis.com";
  if (!is_domain(domain)) {
    throw CredentialError(fmt::format("{} has a \"universe_domain\" that is no domain", place));
  }
  return domain;
}

std::string Document::service_url(const CredentialInputs& inputs, const char* name,
                                  const std::string& fallback) const {
  const std::string url = text(name);
  if (url.empty()) return fallback;
  net::check_credential_url(inputs.services.config, url);
  return url;
}

Document read_document(const std::string& path) {
  const auto text = net::read_small_file(path);
  if (!text) {
    const int cause = access(path.c_str(), R_OK) == 0 ? EIO : errno;
    throw CredentialError(
        fmt::format("the credentials file {} can't be read: {}", path,
                    std::generic_category().message(cause)),
        "GcsOptions::credentials_file or GOOGLE_APPLICATION_CREDENTIALS names it");
  }
  return parse_document(path, *text);
}

Document parse_document(std::string place, std::string_view text) {
  auto json = net::parse_json_object(text);
  if (!json) {
    throw CredentialError(fmt::format("{} holds no JSON object", place),
                          "it should be the file that the Google Cloud console or gcloud gave");
  }
  return {.place = std::move(place), .json = *std::move(json)};
}

net::Request json_request(const nlohmann::json& body, const Secret& token) {
  const auto text = std::make_shared<const std::string>(body.dump());
  net::Request request{.method = "POST", .has_body = true};
  request.headers.set("content-type", "application/json");
  request.headers.set("authorization", "Bearer " + token.reveal());
  request.body.append(as_bytes(*text), text);
  return request;
}

std::string basic_authorization(const std::string& id, const std::string& secret) {
  return "Basic " + crypto::base64(as_bytes(fmt::format("{}:{}", id, secret)));
}

Credentials parse_token(const CredentialInputs& inputs, const net::Outcome& outcome,
                        const Expectation& expected) {
  if (!outcome.ok()) {
    throw CredentialError(
        fmt::format("{} gives no access token: {}", expected.what, net::describe(outcome)),
        hint_of(outcome, expected.hint));
  }
  const auto answer = net::parse_json_object(outcome.response.body);
  Credentials credentials{.token = answer ? net::json_text(*answer, "access_token") : ""};
  if (credentials.token.reveal().empty()) {
    throw CredentialError(
        fmt::format("{} gives no access token: the answer holds none", expected.what));
  }
  if (const auto lifetime = seconds_of(*answer, "expires_in")) {
    credentials.expires = inputs.now() + *lifetime;
  }
  return credentials;
}

std::optional<std::chrono::seconds> seconds_of(const nlohmann::json& answer, const char* name) {
  if (const auto number = net::json_number(answer, name, kLongest)) {
    return std::chrono::seconds{*number};
  }
  const auto number = net::parse_number(net::json_text(answer, name));
  if (!number || *number > static_cast<std::uint64_t>(kLongest)) return {};
  return std::chrono::seconds{*number};
}

}  // namespace cairn::vfs::gcs
