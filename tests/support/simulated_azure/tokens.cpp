#include "tests/support/simulated_azure/tokens.hpp"

#include <algorithm>
#include <stdexcept>

namespace cairn::test::sim::azure {
namespace {

constexpr std::string_view kPlainHeaders = "accept content-length content-type user-agent";
constexpr std::string_view kAssertionType =
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

Reply json(int status, std::string body) {
  return {.status = status,
          .headers = {{"Content-Type", "application/json; charset=utf-8"}},
          .body = std::move(body)};
}

/// application/x-www-form-urlencoded: as a query, with '+' for spaces.
std::map<std::string, std::string> read_form(std::string body) {
  std::map<std::string, std::string> fields;
  std::ranges::replace(body, '+', ' ');
  for (const std::string& pair : split(body, '&')) {
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string value = equals == pair.size() ? "" : pair.substr(equals + 1);
    if (!fields.emplace(decode(pair.substr(0, equals)), decode(value)).second) {
      throw std::invalid_argument("the form has a field twice");
    }
  }
  return fields;
}

std::int64_t seconds_since_epoch(TimePoint time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

bool is_storage(const std::string& resource) {
  return resource == "https://storage.azure.com" || resource == "https://storage.azure.com/";
}

}  // namespace

std::optional<Reply> TokenIssuer::answer(const vfs::net::Request& raw, TimePoint now) {
  try {
    const Incoming request = read_request(raw);
    if (request.host == options_.authority) return answer_entra(request);
    if (request.host == options_.machine) return answer_machine(request, now);
    if (request.host == options_.app_service) return answer_app_service(request, now);
    if (request.host == options_.arc) return answer_arc(request, now);
    return {};
  } catch (const std::invalid_argument& error) {
    return refuse(400, "invalid_request", error.what());
  }
}

Reply TokenIssuer::refuse(int status, const std::string& error, const std::string& text) {
  return json(status, R"({"error":")" + error + R"(","error_description":")" + text + R"("})");
}

void TokenIssuer::check_known(const Incoming& request, std::string_view parameters,
                              std::string_view headers) {
  for (const auto& [name, value] : request.query) {
    if (!has_word(parameters, name)) violations_.push_back("an unknown parameter: " + name);
  }
  for (const auto& [name, value] : request.headers) {
    if (!has_word(headers, name) && !has_word(kPlainHeaders, name)) {
      violations_.push_back("an unknown header: " + name);
    }
  }
}

/// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
Reply TokenIssuer::answer_entra(const Incoming& request) {
  check_known(request, "", "client-request-id return-client-request-id");
  if (request.path != "/" + options_.tenant + "/oauth2/v2.0/token") {
    return refuse(400, "invalid_request", "AADSTS90002: Tenant not found.");
  }
  if (request.method != "POST" ||
      !request.header("content-type").starts_with("application/x-www-form-urlencoded")) {
    return refuse(400, "invalid_request", "AADSTS900144: The request body must be a form.");
  }
  auto form = read_form(request.body);
  if (form["grant_type"] != "client_credentials") {
    return refuse(400, "unsupported_grant_type", "AADSTS70003: The grant type is not supported.");
  }
  if (form["scope"] != "https://storage.azure.com/.default") {
    return refuse(400, "invalid_scope", "AADSTS70011: The provided value for scope is not valid.");
  }
  if (form["client_id"] != options_.client_id) {
    return refuse(400, "unauthorized_client", "AADSTS700016: Application was not found.");
  }
  if (form.contains("client_assertion")) {
    if (form["client_assertion_type"] != kAssertionType ||
        form["client_assertion"] != options_.assertion) {
      return refuse(401, "invalid_client", "AADSTS700024: Client assertion is not valid.");
    }
  } else if (form["client_secret"] != options_.client_secret) {
    return refuse(401, "invalid_client", "AADSTS7000215: Invalid client secret provided.");
  }
  const std::string seconds = std::to_string(options_.lifetime.count());
  return json(200, R"({"token_type":"Bearer","expires_in":)" + seconds + R"(,"ext_expires_in":)" +
                       seconds + R"(,"access_token":")" + next_token() + R"("})");
}

/// The resource, and at most one of the names of a user-assigned identity.
std::optional<Reply> TokenIssuer::refuse_identity(const Incoming& request,
                                                  const std::string& resource_parameter) {
  if (!is_storage(request.parameter("resource"))) {
    return refuse(400, "invalid_resource", "AADSTS500011: The resource was not found.");
  }
  int named = 0;
  for (const auto& [name, value] :
       {std::pair<std::string, std::string>{"client_id", options_.client_id},
        {"object_id", options_.object_id},
        {resource_parameter, options_.resource_id}}) {
    if (!request.asks(name)) continue;
    ++named;
    if (request.parameter(name) != value) {
      return refuse(400, "invalid_request", "Identity not found");
    }
  }
  if (named > 1) return refuse(400, "invalid_request", "More than one identity is named");
  return {};
}

/// https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
/// Numbers are texts there.
Reply TokenIssuer::answer_machine(const Incoming& request, TimePoint now) {
  check_known(request, "api-version resource client_id object_id msi_res_id", "metadata");
  if (request.path != "/metadata/identity/oauth2/token" || request.method != "GET") {
    return refuse(404, "not_found", "There is no such path.");
  }
  if (request.header("metadata") != "true") {
    return refuse(400, "invalid_request", "Required metadata header not specified");
  }
  if (request.parameter("api-version") < "2018-02-01") {
    return refuse(400, "invalid_request", "Required api-version not specified");
  }
  if (auto refusal = refuse_identity(request, "msi_res_id")) return *refusal;
  return managed_token(now);
}

/// https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
Reply TokenIssuer::answer_app_service(const Incoming& request, TimePoint now) {
  check_known(request, "api-version resource client_id principal_id object_id mi_res_id",
              "x-identity-header");
  if (request.header("x-identity-header") != options_.app_service_header) {
    return refuse(401, "unauthorized", "The identity header is wrong.");
  }
  if (request.parameter("api-version") != "2019-08-01") {
    return refuse(400, "invalid_request", "The api-version is not supported.");
  }
  if (auto refusal = refuse_identity(request, "mi_res_id")) return *refusal;
  return managed_token(now);
}

/// https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication
/// First a challenge that names a file only its users can read, then what is in it.
Reply TokenIssuer::answer_arc(const Incoming& request, TimePoint now) {
  check_known(request, "api-version resource client_id object_id msi_res_id",
              "metadata authorization");
  if (request.header("metadata") != "true") {
    return refuse(400, "invalid_request", "Required metadata header not specified");
  }
  if (auto refusal = refuse_identity(request, "msi_res_id")) return *refusal;
  if (request.header("authorization") == "Basic " + options_.arc_key) return managed_token(now);
  Reply reply = refuse(401, "unauthorized", "Answer the challenge.");
  reply.set("WWW-Authenticate", "Basic realm=" + options_.arc_key_file);
  return reply;
}

Reply TokenIssuer::managed_token(TimePoint now) {
  const std::string seconds = std::to_string(options_.lifetime.count());
  const std::string until = std::to_string(seconds_since_epoch(now + options_.lifetime));
  return json(200, R"({"access_token":")" + next_token() + R"(","client_id":")" +
                       options_.client_id + R"(","expires_in":")" + seconds +
                       R"(","expires_on":")" + until +
                       R"(","resource":"https://storage.azure.com","token_type":"Bearer"})");
}

std::string TokenIssuer::next_token() {
  for (auto& [token, expired] : account_.tokens) expired = true;
  const std::string token = "eyJ0eXAi.simulated." + std::to_string(++given_);
  account_.tokens[token] = false;
  return token;
}

}  // namespace cairn::test::sim::azure
