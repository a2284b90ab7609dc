// Applications of Microsoft Entra ID: one that has a client secret, and one that its cluster
// vouches for (workload identity).
// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
#include <fmt/format.h>

#include "vfs/azure/credentials/places.hpp"
#include "vfs/azure/credentials/tokens.hpp"
#include "vfs/net/credentials.hpp"
#include "vfs/net/text.hpp"

namespace cairn::vfs::azure {
namespace {

/// An option, else the first of its variables.
std::string setting(const CredentialInputs& inputs, const std::string& option,
                    std::initializer_list<std::string_view> names) {
  return option.empty() ? inputs.variables.first_of(names).value_or(std::string{}) : option;
}

struct Application {
  std::string tenant{};
  std::string client_id{};
};

/// `place` is what is configured and needs both. Throws CredentialError.
Application application_of(const CredentialInputs& inputs, std::string_view place) {
  const AzureOptions& options = inputs.options();
  Application application{
      .tenant = setting(inputs, options.tenant_id, {"AZURE_STORAGE_TENANT_ID", "AZURE_TENANT_ID"}),
      .client_id =
          setting(inputs, options.client_id, {"AZURE_STORAGE_CLIENT_ID", "AZURE_CLIENT_ID"})};
  if (application.tenant.empty() || application.client_id.empty()) {
    throw net::CredentialError(fmt::format("there is {}, and no {}", place,
                                           application.tenant.empty() ? "tenant ID" : "client ID"),
                               "set AZURE_TENANT_ID and AZURE_CLIENT_ID, or AzureOptions");
  }
  if (!is_tenant(application.tenant)) {
    throw net::CredentialError("the tenant ID is neither an ID nor a domain",
                               "AZURE_TENANT_ID or AzureOptions::tenant_id holds it");
  }
  return application;
}

Credentials request_token(const CredentialInputs& inputs, const Application& application,
                          const char* operation, const net::Form& proof, std::string hint) {
  net::Form form{{"grant_type", "client_credentials"},
                 {"client_id", application.client_id},
                 {"scope", std::string(kScope)}};
  form.insert(form.end(), proof.begin(), proof.end());
  const net::Outcome outcome =
      net::ask(inputs.services, inputs.call,
               {.operation = operation,
                .request = net::form_request(form),
                .url = fmt::format("{}/{}/oauth2/v2.0/token", inputs.authority, application.tenant),
                .answer = net::AnswerForm::json});
  const std::string place =
      fmt::format("{} for the application {}", inputs.authority, application.client_id);
  if (!outcome.ok()) {
    if (outcome.failure) hint = "it can't be reached from here: check the network and the proxy";
    throw net::CredentialError(fmt::format("{} gave no token: {}", place, reason_of(outcome)),
                               std::move(hint));
  }
  return parse_token(outcome.response.body, inputs.services.clock->now(), place);
}

}  // namespace

Found from_client_secret(CredentialInputs& inputs) {
  Secret secret = inputs.options().client_secret;
  if (secret.empty()) {
    secret = inputs.variables.first_of({"AZURE_STORAGE_CLIENT_SECRET", "AZURE_CLIENT_SECRET"})
                 .value_or(std::string{});
  }
  if (secret.empty()) return inputs.note("client secret (AZURE_CLIENT_SECRET not set)");
  return request_token(
      inputs, application_of(inputs, "a client secret"), "client_secret",
      {{"client_secret", secret.reveal()}},
      "are tenant, client ID and secret those of one application, and is the secret still good?");
}

// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow#third-case-access-token-request-with-a-federated-credential
Found from_workload_identity(CredentialInputs& inputs) {
  const auto file = inputs.variables.first_of(
      {"AZURE_FEDERATED_TOKEN_FILE", "AZURE_STORAGE_FEDERATED_TOKEN_FILE"});
  if (!file) return inputs.note("workload identity (AZURE_FEDERATED_TOKEN_FILE not set)");
  const Application application = application_of(inputs, "AZURE_FEDERATED_TOKEN_FILE");
  // Its cluster writes it anew every hour or so: never kept.
  std::string assertion = net::read_small_file(*file).value_or(std::string{});
  while (assertion.ends_with('\n') || assertion.ends_with('\r')) assertion.pop_back();
  if (assertion.empty()) {
    throw net::CredentialError(
        fmt::format("the federated token file {} can't be read or is empty", *file),
        "AZURE_FEDERATED_TOKEN_FILE names it");
  }
  return request_token(
      inputs, application, "workload_identity",
      {{"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
       {"client_assertion", assertion}},
      "does a federated credential of the application name this issuer, subject and audience?");
}

}  // namespace cairn::vfs::azure
