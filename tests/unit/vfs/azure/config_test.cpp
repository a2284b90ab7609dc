#include "vfs/azure/config.hpp"

#include <map>
#include <string>

#include "tests/support/catch.hpp"
#include "tests/support/contains.hpp"
#include "vfs/error.hpp"

namespace {

using namespace cairn::vfs;
using cairn::test::contains;

constexpr const char* kEmulator =
    "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=a2V5LWNhbmFyeQ==;"
    "BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1;";

Config with(std::map<std::string, std::string> variables, AzureOptions options = {}) {
  Config config{.azure = std::move(options)};
  config.environment =
      [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(std::string(name));
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
  return config;
}

azure::ContainerConfig resolve(const char* url, const Config& config) {
  return azure::resolve_container(Url::parse(url), config);
}

Error refusal_of(const char* url, const Config& config) {
  try {
    static_cast<void>(resolve(url, config));
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::invalid_argument);
    return error;
  }
  FAIL("it was not refused");
  return Error(ErrorCode::io, {});
}

std::string canonical(const char* url) {
  const auto result = azure::canonical_url(Url::parse(url));
  return result ? result->string() : "as it is";
}

TEST_CASE("a container's account comes from options or environment", "[azure][config]") {
  const auto named = resolve("az://models", with({}, {.account = "acct"}));
  CHECK(named.container == "models");
  CHECK(named.account == "acct");
  CHECK(named.endpoint == "https://acct.blob.core.windows.net");
  CHECK(named.dfs_endpoint == "https://acct.dfs.core.windows.net");

  CHECK(resolve("az://models", with({{"AZURE_STORAGE_ACCOUNT_NAME", "one"}})).account == "one");
  CHECK(resolve("az://models", with({{"AZURE_STORAGE_ACCOUNT", "two"}})).account == "two");
}

TEST_CASE("a URL may name its account, in Hadoop's way and in fsspec's", "[azure][config]") {
  for (const char* url : {"abfss://models@acct.dfs.core.windows.net/a/b",
                          "wasbs://models@acct.blob.core.windows.net/a/b",
                          "az://models@acct.blob.core.windows.net/a/b"}) {
    const auto config = resolve(url, with({{"AZURE_STORAGE_ACCOUNT_NAME", "another"}}));
    CHECK(config.container == "models");
    CHECK(config.account == "acct");
    CHECK(config.endpoint == "https://acct.blob.core.windows.net");
    CHECK(config.dfs_endpoint == "https://acct.dfs.core.windows.net");
  }
}

TEST_CASE("an account before the container is put behind it", "[azure][config]") {
  CHECK(canonical("abfss://acct.dfs.core.windows.net/models/a/b") ==
        "abfss://models@acct.dfs.core.windows.net/a/b");
  CHECK(canonical("abfss://acct.blob.core.windows.net/models") ==
        "abfss://models@acct.blob.core.windows.net");
  CHECK(canonical("https://acct.blob.core.windows.net/models/a%20b") ==
        "az://models@acct.blob.core.windows.net/a b");
  CHECK(canonical("https://acct.dfs.core.windows.net/models/a%2Fb") ==
        "az://models@acct.dfs.core.windows.net/a/b");
  CHECK(canonical("https://onelake.dfs.fabric.microsoft.com/work/lake.Lakehouse/Files") ==
        "az://work@onelake.dfs.fabric.microsoft.com/lake.Lakehouse/Files");
}

TEST_CASE("every cloud's hosts are known, and nobody else's", "[azure][config]") {
  for (const char* host :
       {"a.blob.core.windows.net", "a.dfs.core.windows.net", "a.blob.core.chinacloudapi.cn",
        "a.dfs.core.usgovcloudapi.net", "a.z12.blob.storage.azure.net", "A.Blob.Core.Windows.Net",
        "a.privatelink.blob.core.windows.net"}) {
    CHECK(azure::is_storage_host(host));
  }
  for (const char* host : {"blob.core.windows.net", "a.queue.core.windows.net", "example.org",
                           "a.blob.core.windows.net.example.org", "a.blob.example.org"}) {
    CHECK_FALSE(azure::is_storage_host(host));
  }
  CHECK(canonical("https://example.org/a/b") == "as it is");
  CHECK(canonical("s3://acct.blob.core.windows.net/a") == "as it is");
  CHECK(canonical("az://models/a") == "as it is");
}

TEST_CASE("a URL that names an account and no container is refused", "[azure][config]") {
  CHECK_THROWS_AS(azure::canonical_url(Url::parse("https://acct.blob.core.windows.net")), Error);
  CHECK_THROWS_AS(azure::canonical_url(Url::parse("abfss://acct.dfs.core.windows.net/")), Error);
}

TEST_CASE("the query of an https URL goes along", "[azure][config]") {
  const auto url = azure::canonical_url(
      Url::parse("https://acct.blob.core.windows.net/models/k?sv=2023-11-03&sig=canary"));

  REQUIRE(url);
  CHECK(url->query() == "sv=2023-11-03&sig=canary");
  CHECK(url->path() == Path("k"));
}

TEST_CASE("a connection string says where its account is", "[azure][config]") {
  const auto config =
      resolve("az://models", with({{"AZURE_STORAGE_CONNECTION_STRING", kEmulator}}));
  CHECK(config.account == "devstoreaccount1");
  CHECK(config.endpoint == "http://127.0.0.1:10000/devstoreaccount1");

  const auto own = resolve("az://models", with({}, {.connection_string = kEmulator}));
  CHECK(own.endpoint == config.endpoint);

  const auto emulator =
      resolve("az://models", with({}, {.connection_string = "UseDevelopmentStorage=true"}));
  CHECK(emulator.endpoint == "http://127.0.0.1:10000/devstoreaccount1");
}

TEST_CASE("a connection string of another account says nothing", "[azure][config]") {
  const auto config = resolve("abfss://models@acct.dfs.core.windows.net",
                              with({{"AZURE_STORAGE_CONNECTION_STRING", kEmulator}}));

  CHECK(config.account == "acct");
  CHECK(config.endpoint == "https://acct.blob.core.windows.net");
}

TEST_CASE("a connection string moves the account of a URL to its endpoint", "[azure][config]") {
  const auto config = resolve("abfss://models@devstoreaccount1.dfs.core.windows.net",
                              with({{"AZURE_STORAGE_CONNECTION_STRING", kEmulator}}));

  CHECK(config.endpoint == "http://127.0.0.1:10000/devstoreaccount1");
}

TEST_CASE("an endpoint without a host name has the account in its path", "[azure][config]") {
  CHECK(resolve("az://models", with({}, {.account = "acct", .endpoint_url = "http://127.0.0.1:99"}))
            .endpoint == "http://127.0.0.1:99/acct");
  CHECK(resolve("az://models", with({}, {.endpoint_url = "http://127.0.0.1:99/acct/"})).account ==
        "acct");
  CHECK(resolve("az://models", with({}, {.endpoint_url = "http://acct.blob.localhost:99"}))
            .endpoint == "http://acct.blob.localhost:99");
}

TEST_CASE("without an account the error says where to name one", "[azure][config]") {
  const Error error = refusal_of("az://models/k", with({}));

  CHECK(contains(error.what(), "AZURE_STORAGE_ACCOUNT_NAME"));
  CHECK(contains(error.what(), "az://models"));
}

TEST_CASE("a container's name is held to Azure's rules", "[azure][config]") {
  const Config config = with({}, {.account = "acct"});
  for (const char* url : {"az://ab", "az://Models", "az://my_models", "az://-models",
                          "az://models-", "az://mo--dels", "az://mod.els"}) {
    CHECK(contains(refusal_of(url, config).what(), "is not the name of a container"));
  }
  CHECK(contains(refusal_of(("az://" + std::string(64, 'a')).c_str(), config).what(),
                 "3 to 63 characters"));
  for (const char* url : {"az://abc", "az://$root", "az://$web", "az://0-models-1"}) {
    CHECK_NOTHROW(resolve(url, config));
  }
  CHECK_NOTHROW(resolve("abfss://MyWorkspace@onelake.dfs.fabric.microsoft.com", config));
}

TEST_CASE("credentials go over plain http to this machine only", "[azure][config]") {
  AzureOptions options{.account = "acct", .endpoint_url = "http://storage.example.org"};
  CHECK(contains(refusal_of("az://models", with({}, options)).what(), "unencrypted"));

  Config allowed = with({}, options);
  allowed.http.allow_plain_http = true;
  CHECK_NOTHROW(resolve("az://models", allowed));
  options.anonymous = true;
  CHECK_NOTHROW(resolve("az://models", with({}, options)));
  options.anonymous = false;
  CHECK_NOTHROW(resolve("az://models", with({{"AZURE_STORAGE_ANON", "true"}}, options)));
}

TEST_CASE("what is no endpoint is refused without its secrets", "[azure][config]") {
  for (const char* endpoint : {"acct.blob.core.windows.net", "https://u:canary@acct.example.org",
                               "https://acct.example.org?sig=canary", "https://"}) {
    const Error error =
        refusal_of("az://models", with({}, {.account = "acct", .endpoint_url = endpoint}));
    CHECK_FALSE(contains(error.what(), "canary"));
  }
}

TEST_CASE("a malformed connection string is refused when it is used", "[azure][config]") {
  const Error error = refusal_of(
      "az://models", with({{"AZURE_STORAGE_CONNECTION_STRING", "AccountName=a;AccountKey"}}));

  CHECK(contains(error.what(), "connection string"));
}

}  // namespace
