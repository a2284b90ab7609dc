#include "vfs/s3/credentials/inputs.hpp"

#include <fmt/format.h>

#include "vfs/net/json.hpp"
#include "vfs/net/text.hpp"

namespace cairn::vfs::s3 {
namespace {

std::optional<TimePoint> parse_expiry(const nlohmann::json& object, const char* name) {
  constexpr std::int64_t kLast = 4'102'444'800'000;  // 2100, in the milliseconds of SSO
  if (const auto number = net::json_number(object, name, kLast)) {
    return TimePoint{std::chrono::milliseconds{*number}};
  }
  return net::parse_iso8601(net::json_text(object, name));
}

}  // namespace

std::string hint_of(const net::Outcome& outcome, std::string refused) {
  if (!outcome.failure) return refused;
  return "it can't be reached from here: check the network, the proxy and AWS_ENDPOINT_URL";
}

std::string service_endpoint(const CredentialInputs& inputs, std::string_view variable,
                             std::string_view service, std::string_view host,
                             std::string_view region) {
  std::string endpoint = configured_endpoint(inputs.variables, inputs.files, variable, service);
  if (endpoint.empty()) {
    endpoint = fmt::format("https://{}.{}.{}", host, region, domain_of(region));
  }
  while (endpoint.ends_with('/')) endpoint.pop_back();
  net::check_credential_url(inputs.services.config, endpoint);
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
