#include "vfs/s3/credentials/inputs.hpp"

#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "vfs/net/json.hpp"
#include "vfs/net/text.hpp"
#include "vfs/net/xml.hpp"

namespace cairn::vfs::s3 {
namespace {

constexpr std::size_t kMaxFile = 1U << 20U;
constexpr std::size_t kMaxMessage = 500;  // of a service, in an error

/// From STS's XML, or from JSON of the others.
net::ServiceError service_error(const net::Response& response) {
  net::ServiceError error;
  if (const auto json = net::parse_json_object(response.body)) {
    for (const char* name : {"error", "__type", "code", "Code"}) {
      if (error.code.empty()) error.code = net::json_text(*json, name);
    }
    for (const char* name : {"error_description", "message", "Message"}) {
      if (error.message.empty()) error.message = net::json_text(*json, name);
    }
  } else if (const auto xml = net::XmlDocument::parse(response.body)) {
    const pugi::xml_node node = xml->root().child("Error");
    error.code = net::child_text(node, "Code");
    error.message = net::child_text(node, "Message");
  }
  // STS has no code of its own for a wrong clock.
  if (error.message.starts_with("Signature expired:") ||
      error.message.starts_with("Signature not yet current:")) {
    error.code = "RequestTimeTooSkewed";
  }
  if (error.message.size() > kMaxMessage) error.message.resize(kMaxMessage);
  return error;
}

std::optional<TimePoint> parse_expiry(const nlohmann::json& object, const char* name) {
  constexpr std::int64_t kLast = 4'102'444'800'000;  // 2100, in the milliseconds of SSO
  if (const auto number = net::json_number(object, name, kLast)) {
    return TimePoint{std::chrono::milliseconds{*number}};
  }
  return net::parse_iso8601(net::json_text(object, name));
}

}  // namespace

net::Outcome ask(const CredentialInputs& inputs, Question question) {
  Services services = inputs.services;
  services.config.retry = {.max_attempts = question.attempts,
                           .base_delay = std::chrono::milliseconds{50},
                           .max_delay = std::chrono::milliseconds{1000}};
  services.endpoints = nullptr;  // a throttled bucket says nothing about these
  net::Client client(
      services,
      {.sign =
           [&question](net::Request& request, std::string_view, TimePoint now, const CallOptions&) {
             request.url = question.url;
             if (question.sign) question.sign(request, now);
           },
       .examine = [](const net::Request&,
                     const net::Response& response) -> std::optional<net::ServiceError> {
         if (response.status >= 200 && response.status < 300) return {};
         return service_error(response);
       }});
  net::Outcome outcome = client.send({.operation = question.operation,
                                      .request = std::move(question.request),
                                      .attempt_timeout = question.timeout,
                                      .options = inputs.call});
  if (outcome.failure && (outcome.failure->kind == net::TransportFailure::cancelled ||
                          outcome.failure->kind == net::TransportFailure::deadline)) {
    throw net::TransportError(outcome.failure->kind, outcome.failure->message);
  }
  return outcome;
}

std::string describe(const net::Outcome& outcome) {
  if (outcome.failure) return outcome.failure->message;
  if (!outcome.error) return "an answer that makes no sense";
  return fmt::format("{}{}{}{}{}", outcome.response.status, outcome.error->code.empty() ? "" : " ",
                     outcome.error->code, outcome.error->message.empty() ? "" : ": ",
                     outcome.error->message);
}

std::string hint_of(const net::Outcome& outcome, std::string refused) {
  if (!outcome.failure) return refused;
  return "it can't be reached from here: check the network, the proxy and AWS_ENDPOINT_URL";
}

void check_url(const CredentialInputs& inputs, std::string_view url) {
  if (url.starts_with("https://") || inputs.services.config.http.allow_plain_http) return;
  if (url.starts_with("http://") && is_loopback(host_of(url))) return;
  throw CredentialError(
      fmt::format("credentials would be asked for unencrypted at {}", net::redact_url(url)),
      "use https, or set HttpOptions::allow_plain_http if that network is trusted");
}

std::string service_endpoint(const CredentialInputs& inputs, std::string_view variable,
                             std::string_view service, std::string_view host,
                             std::string_view region) {
  std::string endpoint = configured_endpoint(inputs.variables, inputs.files, variable, service);
  if (endpoint.empty()) {
    endpoint = fmt::format("https://{}.{}.{}", host, region, domain_of(region));
  }
  while (endpoint.ends_with('/')) endpoint.pop_back();
  check_url(inputs, endpoint);
  return endpoint;
}

std::string region_of(const CredentialInputs& inputs, const std::string& profile) {
  const std::string& option = inputs.services.config.s3.region;
  if (!option.empty()) return option;
  if (const auto region = inputs.variables.first_of({"AWS_REGION", "AWS_DEFAULT_REGION"})) {
    return *region;
  }
  const std::string* region = inputs.files.setting_of(profile, "region");
  return region != nullptr && is_region(*region) ? *region : "us-east-1";
}

std::optional<std::string> read_small_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return {};
  std::string text(kMaxFile, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

Credentials parse_credentials(std::string_view text, const JsonNames& names,
                              std::string_view place) {
  const auto json = net::parse_json_object(text);
  if (!json) throw CredentialError(fmt::format("{} gave no JSON object", place));
  Credentials credentials{.access_key_id = net::json_text(*json, names.id),
                          .secret_access_key = net::json_text(*json, names.secret),
                          .session_token = net::json_text(*json, names.token),
                          .expires = parse_expiry(*json, names.expires)};
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty()) {
    throw CredentialError(fmt::format("{} gave no {} with {}", place, names.id, names.secret));
  }
  if (json->contains(names.expires) && !credentials.expires) {
    throw CredentialError(fmt::format("{} gave an {} that is no time", place, names.expires));
  }
  return credentials;
}

}  // namespace cairn::vfs::s3
