// https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string
#include <string>

#include "tests/unit/vfs/azure/credentials/machine.hpp"

using namespace cairn;
using vfs::azure::ConnectionString;
using vfs::azure::parse_connection_string;

namespace {

constexpr const char* kSas =
    "sv=2015-07-08&sr=b&sig=iCvQmdZngZNW%2F4vw43j6%2BVz6fndHF5LI639QJba4r8o%3D";

std::string refusal(const std::string& text) {
  try {
    static_cast<void>(parse_connection_string(text));
  } catch (const vfs::net::CredentialError& error) {
    return std::string(error.what()) + " | " + error.hint();
  }
  FAIL("it is taken");
  return {};
}

}  // namespace

TEST_CASE("a connection string with an account key names account, key and cloud",
          "[azure][credentials]") {
  const ConnectionString parsed = parse_connection_string(
      "DefaultEndpointsProtocol=https;AccountName=storagesample;AccountKey=bXkga2V5PT0=;"
      "EndpointSuffix=core.chinacloudapi.cn");
  CHECK(parsed.account == "storagesample");
  CHECK(parsed.key.reveal() == "bXkga2V5PT0=");
  CHECK(parsed.protocol == "https");
  CHECK(parsed.suffix == "core.chinacloudapi.cn");
  CHECK(parsed.blob_endpoint.empty());
}

TEST_CASE("names of settings have no case, and blanks around them do not count",
          "[azure][credentials]") {
  const ConnectionString parsed =
      parse_connection_string(" accountname = acct ;\n ACCOUNTKEY = a2V5 ;; ");
  CHECK(parsed.account == "acct");
  CHECK(parsed.key.reveal() == "a2V5");
}

TEST_CASE("a connection string with a SAS takes the account from its endpoint",
          "[azure][credentials]") {
  const ConnectionString parsed = parse_connection_string(
      std::string("BlobEndpoint=https://storagesample.blob.core.windows.net/;"
                  "QueueEndpoint=https://storagesample.queue.core.windows.net;"
                  "SharedAccessSignature=?") +
      kSas);
  CHECK(parsed.account == "storagesample");
  CHECK(parsed.blob_endpoint == "https://storagesample.blob.core.windows.net");
  CHECK(parsed.sas.reveal() == kSas);
  CHECK(parsed.key.empty());
}

TEST_CASE("an endpoint may be one's own, with the account in its path", "[azure][credentials]") {
  const ConnectionString parsed = parse_connection_string(
      "BlobEndpoint=http://10.0.0.7:10000/acct1/;DfsEndpoint=https://files.example");
  CHECK(parsed.account == "acct1");
  CHECK(parsed.blob_endpoint == "http://10.0.0.7:10000/acct1");
  CHECK(parsed.dfs_endpoint == "https://files.example");
}

TEST_CASE("UseDevelopmentStorage stands for the emulator's published account",
          "[azure][credentials]") {
  const ConnectionString parsed = parse_connection_string("UseDevelopmentStorage=true");
  CHECK(parsed.account == "devstoreaccount1");
  CHECK(parsed.key.reveal() ==
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/"
        "K1SZFPTOtr/KBHBeksoGMGw==");
  CHECK(parsed.blob_endpoint == "http://127.0.0.1:10000/devstoreaccount1");
  CHECK(parse_connection_string(
            "UseDevelopmentStorage=true;DevelopmentStorageProxyUri=http://emulator")
            .blob_endpoint == "http://emulator:10000/devstoreaccount1");
}

TEST_CASE("a malformed connection string is refused with what is wrong, and never shown",
          "[azure][credentials]") {
  struct Case {
    const char* text;
    const char* says;
  };
  const Case c = GENERATE(values<Case>({
      {"", "is empty"},
      {" ; ", "is empty"},
      {"canary", "a setting (number 1) without '='"},
      {"AccountName=a1a;canary", "a setting (number 2) without '='"},
      {"AccountName=a1a;AccoutKey=canary", "is AccountKey meant?"},
      {"AccountName=a1a;canarycanary=x", "an unknown setting (number 2)"},
      {"AccountName=a1a;AccountKey=", "no value for AccountKey"},
      {"AccountName=a1a;AccountKey=canar*", "AccountKey that is no base64"},
      {"AccountName=a1a;accountname=canary", "AccountName twice"},
      {"AccountKey=Y2FuYXJ5", "neither AccountName nor BlobEndpoint"},
      {"DefaultEndpointsProtocol=https", "neither AccountName nor BlobEndpoint"},
      {"BlobEndpoint=https://canary.example;AccountKey=Y2FuYXJ5",
       "an AccountKey and no AccountName"},
      {"AccountName=a1a;AccountKey=Y2Fu;SharedAccessSignature=sv=1&sig=canary", "has both"},
      {"AccountName=can/ary", "an AccountName that can't be one"},
      {"AccountName=a1a;DefaultEndpointsProtocol=canary", "neither https nor http"},
      {"AccountName=a1a;BlobEndpoint=ftp://canary", "a BlobEndpoint that is no http(s) URL"},
      {"AccountName=a1a;BlobEndpoint=https://h/?sig=canary", "a BlobEndpoint that is no"},
      {"AccountName=a1a;BlobEndpoint=https://u:canary@h", "a BlobEndpoint that is no"},
      {"AccountName=a1a;SharedAccessSignature=canary", "holds no \"sig=\""},
      {"UseDevelopmentStorage=canary", "UseDevelopmentStorage that is not"},
  }));

  const std::string says = refusal(c.text);

  CAPTURE(c.text, says);
  CHECK(contains(says, c.says));
  CHECK_FALSE(contains(says, "canar"));
  CHECK_FALSE(contains(says, "Y2Fu"));
}

TEST_CASE("the connection string of the options comes before the environment's",
          "[azure][credentials]") {
  test::AzureMachine machine;
  CHECK_FALSE(vfs::azure::configured_connection_string(machine.services().config));
  machine.set("AZURE_STORAGE_CONNECTION_STRING", "AccountName=second");
  CHECK(vfs::azure::configured_connection_string(machine.services().config)->account == "second");
  CHECK(vfs::azure::configured_connection_string(
            machine.services({.connection_string = "AccountName=first"}).config)
            ->account == "first");
}
