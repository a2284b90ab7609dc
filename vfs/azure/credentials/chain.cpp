#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "vfs/azure/credentials/places.hpp"
#include "vfs/azure/credentials/tokens.hpp"
#include "vfs/base/shared.hpp"
#include "vfs/crypto/encoding.hpp"
#include "vfs/net/credentials.hpp"
#include "vfs/net/text.hpp"

namespace cairn::vfs::azure {
namespace {

Credentials checked_key(std::string account, Secret key, std::string_view place) {
  if (!crypto::parse_base64(key.reveal())) {
    throw net::CredentialError(fmt::format("the account key of {} is no base64", place),
                               "was it cut off when it was copied?");
  }
  return {.account = std::move(account), .key = std::move(key)};
}

Found of(const ConnectionString& text) {
  if (!text.key.empty()) return Credentials{.account = text.account, .key = text.key};
  if (!text.sas.empty()) return Credentials{.account = text.account, .sas = text.sas};
  return {};
}

std::string configured_authority(const Variables& variables, const Config& config,
                                 std::string_view endpoint) {
  auto authority = variables.first_of({"AZURE_AUTHORITY_HOST", "AZURE_STORAGE_AUTHORITY_HOST"});
  if (!authority) return authority_of(net::host_of(endpoint));
  if (authority->find("://") == std::string::npos) authority->insert(0, "https://");
  while (authority->ends_with('/')) authority->pop_back();
  net::check_credential_url(config, *authority);
  return *authority;
}

}  // namespace

std::string reason_of(const net::Outcome& outcome) {
  const std::string text = net::describe(outcome);
  return text.substr(0, text.find_first_of("\r\n"));  // then come trace IDs and times
}

Found from_options(CredentialInputs& inputs) {
  const AzureOptions& options = inputs.options();
  if (!options.connection_string.empty()) {
    if (auto found = of(parse_connection_string(options.connection_string))) return found;
  }
  if (!options.account_key.empty()) {
    return checked_key(options.account, options.account_key, "AzureOptions");
  }
  if (!options.sas_token.empty()) {
    return Credentials{.account = options.account,
                       .sas = parse_sas(options.sas_token, "AzureOptions")};
  }
  if (!options.token.empty()) {
    if (!is_token(options.token.reveal())) {
      throw net::CredentialError("AzureOptions::token can't be a token: it holds blanks");
    }
    return Credentials{.token = options.token};
  }
  return inputs.note("AzureOptions (no connection string, key, SAS or token)");
}

Found from_environment(CredentialInputs& inputs) {
  const Variables& variables = inputs.variables;
  if (const auto text = variables.find("AZURE_STORAGE_CONNECTION_STRING")) {
    if (auto found = of(parse_connection_string(*text))) return found;
  }
  const std::string account =
      variables.first_of({"AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT"})
          .value_or(std::string{});
  if (const auto key = variables.first_of(
          {"AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_KEY", "AZURE_STORAGE_ACCESS_KEY"})) {
    return checked_key(account, *key, "the environment");
  }
  if (const auto sas = variables.first_of({"AZURE_STORAGE_SAS_TOKEN", "AZURE_STORAGE_SAS_KEY"})) {
    return Credentials{.account = account, .sas = parse_sas(*sas, "the environment")};
  }
  return inputs.note(
      "the environment (AZURE_STORAGE_CONNECTION_STRING, AZURE_STORAGE_ACCOUNT_KEY, "
      "AZURE_STORAGE_SAS_TOKEN not set)");
}

Credentials find_credentials(const Services& services, std::string_view endpoint,
                             const CallOptions& call) {
  if (services.config.azure.anonymous) return {};
  const Variables variables(services.config.environment);
  CredentialInputs inputs{.services = services, .variables = variables, .call = call};
  if (auto found = from_options(inputs)) return *std::move(found);
  if (auto found = from_environment(inputs)) return *std::move(found);
  // As adlfs has it: a key or SAS that is there is used all the same.
  if (variables.is_true("AZURE_STORAGE_ANON")) return {};
  inputs.authority = configured_authority(variables, services.config, endpoint);
  if (auto found = from_client_secret(inputs)) return *std::move(found);
  if (auto found = from_workload_identity(inputs)) return *std::move(found);
  if (auto found = from_managed_identity(inputs)) return *std::move(found);
  if (auto found = from_azure_cli(inputs)) return *std::move(found);
  throw net::CredentialError(
      fmt::format("there are no credentials. Looked at: {}", fmt::join(inputs.looked_at, "; ")),
      "set AZURE_STORAGE_CONNECTION_STRING or AZURE_STORAGE_ACCOUNT_KEY, run az login, or set "
      "AzureOptions::anonymous for public data");
}

std::shared_ptr<CredentialCache> shared_credentials(const Services& services,
                                                    std::string_view endpoint) {
  const auto make = [&services, &endpoint] {
    Services own = services;
    own.shared = nullptr;  // which holds the cache
    return std::make_shared<CredentialCache>(
        services.clock, [own = std::move(own), endpoint = std::string(endpoint)](
                            const CallOptions& call, const auto& /*before*/) {
          return find_credentials(own, endpoint, call);
        });
  };
  if (!services.shared) return make();
  // What is found depends on the endpoint by its cloud only.
  return services.shared->get<CredentialCache>("azure " + authority_of(net::host_of(endpoint)),
                                               make);
}

}  // namespace cairn::vfs::azure
