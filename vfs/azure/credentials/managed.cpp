// The identity that Azure gives to a machine or a service.
// https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
// https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
// https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication
#include "vfs/azure/credentials/managed.hpp"

#include <chrono>

#include <fmt/format.h>

#include "vfs/azure/credentials/tokens.hpp"
#include "vfs/net/credentials.hpp"
#include "vfs/net/text.hpp"

namespace cairn::vfs::azure {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kProbeTimeout{1'000};
constexpr milliseconds kTokenTimeout{10'000};
constexpr int kMaxUpdates = 5;  // how often a service that is being updated is asked again
constexpr std::size_t kMaxArcSecret = 4096;

/// Which of the machine's identities; at most one of them.
struct Identity {
  std::string client_id{};
  std::string object_id{};
  std::string resource_id{};
};

Identity identity_of(const CredentialInputs& inputs) {
  const Variables& variables = inputs.variables;
  Identity identity{.client_id = inputs.options().client_id};
  if (identity.client_id.empty()) {
    identity.client_id =
        variables.first_of({"AZURE_STORAGE_CLIENT_ID", "AZURE_CLIENT_ID"}).value_or(std::string{});
  }
  if (!identity.client_id.empty()) return identity;
  identity.object_id = variables.find("AZURE_OBJECT_ID").value_or(std::string{});
  if (!identity.object_id.empty()) return identity;
  identity.resource_id = variables.find("AZURE_MSI_RESOURCE_ID").value_or(std::string{});
  return identity;
}

/// What the parameters of an endpoint are called; empty: it knows none.
struct Dialect {
  std::string_view version{};
  std::string_view client_id{"client_id"};
  std::string_view object_id{"object_id"};
  std::string_view resource_id{"msi_res_id"};
};

std::string token_url(std::string endpoint, const Dialect& dialect, const Identity& identity) {
  const auto add = [&endpoint](std::string_view name, std::string_view value) {
    if (name.empty() || value.empty()) return;
    endpoint += endpoint.find('?') == std::string::npos ? '?' : '&';
    endpoint.append(name).append("=").append(net::percent_encode(value));
  };
  add("api-version", dialect.version);
  add("resource", kResource);
  add(dialect.client_id, identity.client_id);
  add(dialect.object_id, identity.object_id);
  add(dialect.resource_id, identity.resource_id);
  return endpoint;
}

/// 169.254.0.0/16, in digits: the addresses that a machine shares with nobody but its host.
bool is_link_local(std::string_view host) {
  constexpr std::string_view kNetwork = "169.254.";
  if (!host.starts_with(kNetwork)) return false;
  const std::string_view rest = host.substr(kNetwork.size());
  const std::size_t dot = std::min(rest.find('.'), rest.size());
  const auto third = net::parse_number(rest.substr(0, dot));
  const auto fourth = net::parse_number(rest.substr(std::min(dot + 1, rest.size())));
  return third && fourth && *third < 256 && *fourth < 256;
}

/// Plain http is for this machine and its host.
void check_endpoint(const CredentialInputs& inputs, const std::string& url,
                    std::string_view variable) {
  const bool plain = url.starts_with("http://") && url.find('@') == std::string::npos;
  if (plain && is_link_local(net::host_of(url))) return;
  try {
    net::check_credential_url(inputs.services.config, url);
  } catch (const net::CredentialError& error) {
    throw net::CredentialError(fmt::format("{} ({} names it)", error.what(), variable),
                               error.hint());
  }
}

net::Outcome ask(const CredentialInputs& inputs, const std::string& url, net::Headers headers) {
  return net::ask(inputs.services, inputs.call,
                  {.operation = "managed_identity",
                   .request = {.headers = std::move(headers)},
                   .url = url,
                   .timeout = kTokenTimeout,
                   .answer = net::AnswerForm::json});
}

net::Headers header(std::string_view name, std::string_view value) {
  if (value.find_first_of("\r\n") != std::string_view::npos) {
    throw net::CredentialError(fmt::format("the value for {} holds a line break", name));
  }
  net::Headers headers;
  headers.set(name, value);
  return headers;
}

Credentials token_of(const CredentialInputs& inputs, const net::Outcome& outcome,
                     std::string_view place) {
  if (!outcome.ok()) {
    throw net::CredentialError(fmt::format("{} gave no token: {}", place, reason_of(outcome)),
                               "is an identity assigned, and is AZURE_CLIENT_ID its client ID?");
  }
  return parse_token(outcome.response.body, inputs.services.clock->now(), place);
}

Credentials from_app_service(const CredentialInputs& inputs, const std::string& endpoint,
                             const std::string& secret) {
  if (inputs.variables.find("IDENTITY_SERVER_THUMBPRINT")) {
    throw net::CredentialError("managed identities of Service Fabric are not supported",
                               "give a key, a SAS or a client secret");
  }
  check_endpoint(inputs, endpoint, "IDENTITY_ENDPOINT");
  const std::string url = token_url(
      endpoint, {.version = "2019-08-01", .object_id = "principal_id", .resource_id = "mi_res_id"},
      identity_of(inputs));
  return token_of(inputs, ask(inputs, url, header("x-identity-header", secret)),
                  "the managed identity of App Service");
}

// https://learn.microsoft.com/azure/machine-learning/how-to-identity-based-service-authentication
Credentials from_machine_learning(const CredentialInputs& inputs, const std::string& endpoint,
                                  const std::string& secret) {
  check_endpoint(inputs, endpoint, "MSI_ENDPOINT");
  Identity identity = identity_of(inputs);
  if (const auto id = inputs.variables.find("DEFAULT_IDENTITY_CLIENT_ID");
      id && identity.client_id.empty()) {
    identity.client_id = *id;
  }
  const std::string url = token_url(
      endpoint,
      {.version = "2017-09-01", .client_id = "clientid", .object_id = "", .resource_id = ""},
      identity);
  return token_of(inputs, ask(inputs, url, header("secret", secret)),
                  "the managed identity of Azure Machine Learning");
}

/// The file that the challenge names: in the agent's own folder, or none of ours to read.
std::string arc_secret(std::string_view challenge, std::string_view folder) {
  constexpr std::string_view kRealm = "realm=";
  const std::size_t start = challenge.find(kRealm);
  std::string_view path =
      start == std::string_view::npos ? "" : net::trim(challenge.substr(start + kRealm.size()));
  if (path.size() > 1 && path.starts_with('"') && path.ends_with('"')) {
    path = path.substr(1, path.size() - 2);
  }
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos || path.substr(0, slash) != folder ||
      !path.ends_with(".key")) {
    throw net::CredentialError("Azure Arc asks for the content of a file that is none of its own");
  }
  const auto text = net::read_small_file(std::string(path));
  if (!text || text->empty() || text->size() > kMaxArcSecret) {
    throw net::CredentialError(
        fmt::format("{}, which Azure Arc asks for, can't be read", path),
        "only members of the group himds may read it: add this user to it, and log in anew");
  }
  return *text;
}

/// Other clouds have a metadata service at the same address. Azure's says 400 to whoever leaves
/// `Metadata: true` out, at once.
bool is_azure(const CredentialInputs& inputs, const std::string& url) {
  const net::Outcome outcome = net::ask(
      inputs.services, inputs.call,
      {.operation = "managed_identity_probe", .url = url, .timeout = kProbeTimeout, .attempts = 2});
  return outcome.error && outcome.response.status == 400;
}

Found from_machine(CredentialInputs& inputs) {
  const auto configured = inputs.variables.find("AZURE_POD_IDENTITY_AUTHORITY_HOST");
  std::string endpoint = configured.value_or("http://169.254.169.254");
  while (endpoint.ends_with('/')) endpoint.pop_back();
  check_endpoint(inputs, endpoint, "AZURE_POD_IDENTITY_AUTHORITY_HOST");
  endpoint += "/metadata/identity/oauth2/token";
  if (!configured && !is_azure(inputs, endpoint)) {
    return inputs.note("managed identity (this is no machine of Azure)");
  }
  const std::string url = token_url(endpoint, {.version = "2018-02-01"}, identity_of(inputs));
  net::Outcome outcome = ask(inputs, url, header("metadata", "true"));
  // 404 and 410: the service is being updated, which takes up to 70 s.
  seconds pause{5};
  for (int i = 0; i < kMaxUpdates && outcome.error && !inputs.call.stop.stop_requested() &&
                  (outcome.response.status == 404 || outcome.response.status == 410);
       ++i, pause *= 2) {
    inputs.services.clock->sleep(pause, inputs.call.stop);
    outcome = ask(inputs, url, header("metadata", "true"));
  }
  if (outcome.error && outcome.response.status == 400) {
    return inputs.note(
        fmt::format("managed identity (the machine has no such one: {})", reason_of(outcome)));
  }
  return token_of(inputs, outcome, "the managed identity of this machine");
}

}  // namespace

Credentials from_arc(const CredentialInputs& inputs, const std::string& endpoint,
                     std::string_view secrets) {
  check_endpoint(inputs, endpoint, "IDENTITY_ENDPOINT");
  const std::string url = token_url(endpoint, {.version = "2020-06-01"}, identity_of(inputs));
  net::Headers headers = header("metadata", "true");
  net::Outcome outcome = ask(inputs, url, headers);
  if (outcome.error && outcome.response.status == 401) {
    const Secret secret = arc_secret(outcome.response.headers.get("www-authenticate"), secrets);
    headers = header("authorization", "Basic " + secret.reveal());
    headers.set("metadata", "true");
    outcome = ask(inputs, url, headers);
  }
  return token_of(inputs, outcome, "the managed identity of Azure Arc");
}

Found from_managed_identity(CredentialInputs& inputs) {
  const Variables& variables = inputs.variables;
  const auto endpoint = variables.find("IDENTITY_ENDPOINT");
  const auto secret = variables.find("IDENTITY_HEADER");
  if (endpoint && secret) return from_app_service(inputs, *endpoint, *secret);
  if (endpoint && variables.find("IMDS_ENDPOINT")) return from_arc(inputs, *endpoint);
  const auto old_endpoint = variables.find("MSI_ENDPOINT");
  const auto old_secret = variables.find("MSI_SECRET");
  if (old_endpoint && old_secret) {
    return from_machine_learning(inputs, *old_endpoint, *old_secret);
  }
  return from_machine(inputs);
}

}  // namespace cairn::vfs::azure
