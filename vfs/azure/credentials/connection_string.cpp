// https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string
#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include <fmt/format.h>

#include "vfs/azure/credentials.hpp"
#include "vfs/base/text.hpp"
#include "vfs/base/variables.hpp"
#include "vfs/crypto/encoding.hpp"
#include "vfs/net/credentials.hpp"
#include "vfs/net/text.hpp"

namespace cairn::vfs::azure {
namespace {

/// The account and key that every emulator has, as Microsoft publishes them.
/// https://learn.microsoft.com/azure/storage/common/storage-use-azurite
constexpr const char* kEmulatorAccount = "devstoreaccount1";
constexpr const char* kEmulatorKey =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// In the spelling that messages use; those of other services are known and passed over.
const std::vector<std::string>& setting_names() {
  static const std::vector<std::string> names{
      "AccountKey",
      "AccountName",
      "BlobEndpoint",
      "BlobSecondaryEndpoint",
      "DefaultEndpointsProtocol",
      "DevelopmentStorageProxyUri",
      "DfsEndpoint",
      "DfsSecondaryEndpoint",
      "EndpointSuffix",
      "FileEndpoint",
      "FileSecondaryEndpoint",
      "QueueEndpoint",
      "QueueSecondaryEndpoint",
      "SharedAccessSignature",
      "TableEndpoint",
      "TableSecondaryEndpoint",
      "UseDevelopmentStorage",
  };
  return names;
}

[[noreturn]] void refuse(std::string message, std::string hint = {}) {
  if (hint.empty()) {
    hint =
        "the portal shows it under \"Access keys\": "
        "DefaultEndpointsProtocol=https;AccountName=…;AccountKey=…;EndpointSuffix=…";
  }
  throw net::CredentialError("the connection string " + std::move(message), std::move(hint));
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

std::string_view strip(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// Only letters and digits of a name that nobody knows are shown: it may be a piece of a key.
std::string unknown_setting(std::string_view name, std::size_t position) {
  const std::string likely = nearest(name, setting_names());
  if (likely.empty()) return fmt::format("has an unknown setting (number {})", position);
  return fmt::format("has an unknown setting (number {}): is {} meant?", position, likely);
}

/// Values by the name of their setting.
class Settings {
 public:
  explicit Settings(std::string_view text) {
    for (std::size_t position = 1; !text.empty(); ++position) {
      const std::size_t end = std::min(text.find(';'), text.size());
      if (const auto setting = strip(text.substr(0, end)); !setting.empty()) {
        add(setting, position);
      }
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (values_.empty()) refuse("is empty");
  }

  [[nodiscard]] std::string get(std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::string{} : found->second;
  }

 private:
  void add(std::string_view setting, std::size_t position) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string_view::npos) {
      refuse(fmt::format("has a setting (number {}) without '='", position));
    }
    const std::string_view written = strip(setting.substr(0, equals));
    const auto& names = setting_names();
    const auto name = std::ranges::find_if(
        names, [&](const auto& known) { return net::equal_ignoring_case(known, written); });
    if (name == names.end()) refuse(unknown_setting(written, position));
    const std::string_view value = strip(setting.substr(equals + 1));
    if (value.empty()) refuse(fmt::format("has no value for {}", *name));
    if (!values_.emplace(*name, value).second) refuse(fmt::format("has {} twice", *name));
  }

  std::map<std::string, std::string, std::less<>> values_;
};

std::string endpoint(const Settings& settings, std::string_view name) {
  std::string url = settings.get(name);
  if (url.empty()) return url;
  const bool known = url.starts_with("https://") || url.starts_with("http://");
  if (!known || net::host_of(url).empty() || url.find_first_of("?#@ \r\n") != std::string::npos) {
    refuse(fmt::format("has a {} that is no http(s) URL of an account", name),
           "like https://account.blob.core.windows.net");
  }
  while (url.ends_with('/')) url.pop_back();
  return url;
}

/// "account" of https://account.blob.core.windows.net, and of http://127.0.0.1:10000/account.
std::string account_of(std::string_view url) {
  const std::string_view host = net::host_of(url);
  const std::size_t dot = host.find('.');
  if (dot != std::string_view::npos) {
    const std::string_view rest = host.substr(dot);
    if (rest.starts_with(".blob.") || rest.starts_with(".dfs.")) {
      return std::string(host.substr(0, dot));
    }
  }
  const std::size_t path = url.find('/', url.find("://") + 3);
  if (path == std::string_view::npos) return {};
  const std::string_view name = url.substr(path + 1);
  return name.find('/') == std::string_view::npos ? std::string(name) : std::string{};
}

ConnectionString emulator(const Settings& settings) {
  if (!net::equal_ignoring_case(settings.get("UseDevelopmentStorage"), "true")) {
    refuse("has a UseDevelopmentStorage that is not \"true\"", "leave it out, or set it to true");
  }
  std::string host = endpoint(settings, "DevelopmentStorageProxyUri");
  if (host.empty()) host = "http://127.0.0.1";
  return {.account = kEmulatorAccount,
          .key = kEmulatorKey,
          .protocol = "http",
          .blob_endpoint = fmt::format("{}:10000/{}", host, kEmulatorAccount)};
}

/// A name that becomes part of a host.
bool is_account(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

void check(const ConnectionString& parsed) {
  if (parsed.account.empty() && parsed.blob_endpoint.empty()) {
    refuse("has neither AccountName nor BlobEndpoint");
  }
  if (!is_account(parsed.account)) {
    refuse("has an AccountName that can't be one",
           "the name of a storage account has 3 to 24 lower-case letters and digits");
  }
  if (!parsed.key.empty() && parsed.account.empty()) refuse("has an AccountKey and no AccountName");
  if (!parsed.key.empty() && !parsed.sas.empty()) {
    refuse("has both AccountKey and SharedAccessSignature", "leave one of them out");
  }
  if (!parsed.key.empty() && !crypto::parse_base64(parsed.key.reveal())) {
    refuse("has an AccountKey that is no base64", "was it cut off when it was copied?");
  }
  if (parsed.protocol != "https" && parsed.protocol != "http") {
    refuse("has a DefaultEndpointsProtocol that is neither https nor http");
  }
}

}  // namespace

ConnectionString parse_connection_string(const Secret& text) {
  const Settings settings(text.reveal());
  if (!settings.get("UseDevelopmentStorage").empty()) return emulator(settings);
  ConnectionString parsed{.account = settings.get("AccountName"),
                          .key = settings.get("AccountKey"),
                          .blob_endpoint = endpoint(settings, "BlobEndpoint"),
                          .dfs_endpoint = endpoint(settings, "DfsEndpoint")};
  if (const std::string sas = settings.get("SharedAccessSignature"); !sas.empty()) {
    parsed.sas = parse_sas(sas, "the connection string");
  }
  if (const std::string protocol = settings.get("DefaultEndpointsProtocol"); !protocol.empty()) {
    parsed.protocol = net::lower_case(protocol);
  }
  if (const std::string suffix = settings.get("EndpointSuffix"); !suffix.empty()) {
    parsed.suffix = net::lower_case(suffix);
  }
  if (parsed.account.empty() && !parsed.blob_endpoint.empty()) {
    parsed.account = account_of(parsed.blob_endpoint);
  }
  check(parsed);
  return parsed;
}

std::optional<ConnectionString> configured_connection_string(const Config& config) {
  if (!config.azure.connection_string.empty()) {
    return parse_connection_string(config.azure.connection_string);
  }
  const auto text = Variables(config.environment).find("AZURE_STORAGE_CONNECTION_STRING");
  if (!text) return {};
  return parse_connection_string(*text);
}

Secret parse_sas(const Secret& text, std::string_view place) {
  std::string_view sas = strip(text.reveal());
  if (sas.starts_with('?')) sas.remove_prefix(1);
  while (sas.ends_with('&')) sas.remove_suffix(1);
  const bool printable = std::ranges::all_of(sas, [](char c) { return c > ' ' && c <= '~'; });
  const bool is_signed = sas.starts_with("sig=") || sas.find("&sig=") != std::string_view::npos;
  if (!printable || !is_signed || sas.find('#') != std::string_view::npos) {
    throw net::CredentialError(
        fmt::format("the shared access signature of {} is none: it holds no \"sig=\", or blanks",
                    place),
        "it looks like sv=…&se=…&sr=…&sp=…&sig=…");
  }
  return std::string(sas);
}

}  // namespace cairn::vfs::azure
