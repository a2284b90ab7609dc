#include "vfs/azure/config.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "vfs/error.hpp"
#include "vfs/net/credentials.hpp"
#include "vfs/net/text.hpp"

namespace cairn::vfs::azure {
namespace {

constexpr std::array<std::string_view, 7> kSchemes{"abfs",  "abfss", "adl",  "az",
                                                   "azure", "wasb",  "wasbs"};

/// Of the public cloud, those of China, the US government and Germany, of accounts in DNS zones,
/// and of OneLake.
constexpr std::array<std::string_view, 6> kSuffixes{
    ".core.windows.net", ".core.chinacloudapi.cn", ".core.usgovcloudapi.net",
    ".core.cloudapi.de", ".storage.azure.net",     ".fabric.microsoft.com"};

[[noreturn]] void refuse(const Url& url, std::string message, std::string hint = {}) {
  throw Error(ErrorCode::invalid_argument, {.operation = "open",
                                            .url = net::redact_url(url.string()),
                                            .message = std::move(message),
                                            .hint = std::move(hint)});
}

bool is_lower_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/// Where ".blob." or ".dfs." stands in a host; npos: in none of Azure's.
std::size_t service_position(std::string_view host) {
  return std::min(host.find(".blob."), host.find(".dfs."));
}

/// "account.dfs.…" to "account.blob.…", and the other way round.
std::string with_service(std::string url, std::string_view from, std::string_view to) {
  const std::size_t at = url.find(from);
  return at == std::string::npos ? url : url.replace(at, from.size(), to);
}

std::string account_of_host(std::string_view host) {
  std::string_view account = host.substr(0, std::min(host.find('.'), host.size()));
  constexpr std::string_view kSecondary = "-secondary";  // the copy in another region
  if (account.ends_with(kSecondary)) account.remove_suffix(kSecondary.size());
  return std::string(account);
}

bool is_onelake(const ContainerConfig& config) {
  return net::host_of(config.endpoint).ends_with(".fabric.microsoft.com");
}

/// https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata
void check_container(const Url& url, const ContainerConfig& config) {
  std::string_view name = config.container;
  if (name == "$root" || name == "$web" || name == "$logs" || name == "$blobchangefeed") return;
  // A workspace of OneLake may have any name.
  if (is_onelake(config) && !name.empty() && name.find('/') == name.npos) return;
  const bool letters =
      std::ranges::all_of(name, [](char c) { return is_lower_or_digit(c) || c == '-'; });
  const bool dashes = name.starts_with('-') || name.ends_with('-') || name.find("--") != name.npos;
  if (letters && !dashes && name.size() >= 3 && name.size() <= 63) return;
  refuse(url, fmt::format("\"{}\" is not the name of a container", name),
         "a container's name has 3 to 63 characters: lower-case letters, digits and single '-' "
         "between them");
}

void check_account(const Url& url, std::string_view account) {
  if (account.empty()) {
    refuse(url, "nothing names the storage account",
           "set AzureOptions::account, AZURE_STORAGE_ACCOUNT_NAME or "
           "AZURE_STORAGE_CONNECTION_STRING, or write "
           "abfss://container@account.dfs.core.windows.net/path");
  }
  const bool valid = account.size() <= 63 && std::ranges::all_of(account, [](char c) {
                       return is_lower_or_digit(c) || c == '-' || c == '_';
                     });
  if (valid) return;
  refuse(url, fmt::format("\"{}\" is not the name of a storage account", account),
         "it has 3 to 24 lower-case letters and digits");
}

/// Scheme, host, port, and on an emulator or a server of one's own the account as its path.
void check_endpoint(const Url& url, std::string_view endpoint, const ContainerConfig& config,
                    const HttpOptions& http) {
  const bool plain = endpoint.starts_with("http://");
  if (!plain && !endpoint.starts_with("https://")) {
    refuse(url, fmt::format("the endpoint \"{}\" is not a URL", net::redact_url(endpoint)),
           "write it with its scheme, such as https://account.blob.core.windows.net");
  }
  const std::string_view host = net::host_of(endpoint);
  if (host.empty() || endpoint.find_first_of("@?# \t\r\n") != std::string::npos) {
    refuse(url, fmt::format("the endpoint \"{}\" is not valid", net::redact_url(endpoint)),
           "it consists of scheme, host, port and account, and holds no user name and no SAS");
  }
  if (plain && !net::is_loopback(host) && !config.anonymous && !http.allow_plain_http) {
    refuse(url, fmt::format("credentials would go unencrypted over http to {}", host),
           "use https, or set HttpOptions::allow_plain_http if that network is trusted");
  }
}

std::string without_slash(std::string text) {
  while (text.ends_with('/')) text.pop_back();
  return text;
}

bool is_address(std::string_view host) {
  return net::is_loopback(host) || host.starts_with('[') ||
         host.find_first_not_of("0123456789.") == std::string_view::npos;
}

/// What comes after scheme, host and port.
std::string_view path_of(std::string_view endpoint) {
  const std::size_t slash = endpoint.find('/', endpoint.find("://") + 3);
  return slash == endpoint.npos ? std::string_view() : endpoint.substr(slash + 1);
}

std::string account_of_endpoint(std::string endpoint) {
  if (endpoint.find("://") == endpoint.npos) return {};
  endpoint = without_slash(std::move(endpoint));
  const std::string_view host = net::host_of(endpoint);
  if (service_position(host) != host.npos) return account_of_host(host);
  const std::string_view path = path_of(endpoint);
  return std::string(path.substr(path.rfind('/') + 1));  // npos + 1 is 0
}

std::optional<ConnectionString> connection_string(const Url& root, const Config& config) {
  try {
    return configured_connection_string(config);
  } catch (const net::CredentialError& error) {
    refuse(root, error.what(), error.hint());
  }
}

/// Where the account is, before its name is known for sure.
struct Sources {
  const AzureOptions& options;
  Variables variables;
  std::optional<ConnectionString> connection;

  [[nodiscard]] std::string account(const Authority& authority) const {
    if (!authority.account.empty()) return authority.account;
    if (!options.account.empty()) return options.account;
    if (connection && !connection->account.empty()) return connection->account;
    if (const auto name =
            variables.first_of({"AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT"})) {
      return *name;
    }
    if (!options.endpoint_url.empty()) return account_of_endpoint(options.endpoint_url);
    if (connection && !connection->blob_endpoint.empty()) {
      return account_of_endpoint(connection->blob_endpoint);
    }
    return {};
  }

  /// A connection string of another account says nothing about this one.
  [[nodiscard]] const ConnectionString* connection_of(std::string_view account) const {
    if (!connection) return nullptr;
    const std::string named = connection->account.empty()
                                  ? account_of_endpoint(connection->blob_endpoint)
                                  : connection->account;
    return named.empty() || named == account ? &*connection : nullptr;
  }

  [[nodiscard]] std::string endpoint(const Authority& authority, std::string_view account) const {
    if (!options.endpoint_url.empty()) return options.endpoint_url;
    const ConnectionString* said = connection_of(account);
    if (said != nullptr && !said->blob_endpoint.empty()) return said->blob_endpoint;
    if (!authority.host.empty()) return "https://" + authority.host;
    if (said != nullptr) {
      return fmt::format("{}://{}.blob.{}", said->protocol, account, said->suffix);
    }
    if (const auto url =
            variables.first_of({"AZURE_STORAGE_ENDPOINT", "AZURE_STORAGE_SERVICE_ENDPOINT"})) {
      return *url;
    }
    return fmt::format("https://{}.blob.core.windows.net", account);
  }
};

}  // namespace

Authority parse_authority(std::string_view authority) {
  Authority result;
  const std::size_t at = authority.find('@');
  std::string host = net::lower_case(at == authority.npos ? authority : authority.substr(at + 1));
  const bool of_storage = service_position(host) != std::string::npos;
  if (at == authority.npos && !of_storage) return {.container = std::string(authority)};
  if (at != authority.npos) result.container = authority.substr(0, at);
  const bool bare = host.find_first_of(".:") == std::string::npos;
  if (of_storage || bare) result.account = account_of_host(host);
  if (!bare) result.host = with_service(std::move(host), ".dfs.", ".blob.");
  return result;
}

bool is_storage_host(std::string_view host) {
  const std::string lower = net::lower_case(host);
  return service_position(lower) != std::string::npos &&
         std::ranges::any_of(kSuffixes, [&](std::string_view s) { return lower.ends_with(s); });
}

std::optional<Url> canonical_url(const Url& url) {
  const bool https = url.scheme() == "https" || url.scheme() == "http";
  const bool ours = https ? is_storage_host(url.authority())
                          : std::ranges::find(kSchemes, url.scheme()) != kSchemes.end();
  if (!ours) return {};
  const Authority authority = parse_authority(url.authority());
  if (!authority.container.empty() && !https) return {};
  const std::string& path = url.path().string();
  const std::size_t slash = std::min(path.find('/'), path.size());
  const std::string container = path.substr(0, slash);
  if (container.empty()) {
    refuse(url, "the URL names an account, but no container",
           fmt::format("write {}://{}/container/path", url.scheme(), url.authority()));
  }
  std::string key = path.substr(std::min(slash + 1, path.size()));
  std::ranges::replace(key, '\0', '/');  // "%2F" of an https URL: here it is a slash like any other
  return Url(https ? "az" : url.scheme(), fmt::format("{}@{}", container, url.authority()),
             Path(std::move(key)))
      .with_query(url.query());
}

ContainerConfig resolve_container(const Url& root, const Config& config) {
  const Authority authority = parse_authority(root.authority());
  const Sources sources{.options = config.azure,
                        .variables = Variables(config.environment),
                        .connection = connection_string(root, config)};
  ContainerConfig result{
      .container = authority.container,
      .account = sources.account(authority),
      .anonymous = config.azure.anonymous || sources.variables.is_true("AZURE_STORAGE_ANON")};
  check_account(root, result.account);
  result.endpoint = without_slash(sources.endpoint(authority, result.account));
  check_endpoint(root, result.endpoint, result, config.http);
  const std::string_view host = net::host_of(result.endpoint);
  const bool named = service_position(host) != host.npos;
  if (path_of(result.endpoint).empty() && !named && is_address(host)) {
    result.endpoint += "/" + result.account;  // the host does not hold it
  }
  check_container(root, result);
  const ConnectionString* said = sources.connection_of(result.account);
  result.dfs_endpoint = said != nullptr && !said->dfs_endpoint.empty()
                            ? said->dfs_endpoint
                            : with_service(result.endpoint, ".blob.", ".dfs.");
  return result;
}

}  // namespace cairn::vfs::azure
