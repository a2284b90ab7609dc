// Signed URLs. The signatures are those of azure-storage-blob 12.19.1, whose generate_blob_sas was
// given the same account, names, times and keys.
#include "vfs/azure/sas.hpp"

#include <chrono>
#include <map>
#include <string>

#include "tests/support/catch.hpp"
#include "vfs/net/text.hpp"

using namespace cairn::vfs;
using namespace std::chrono_literals;
using azure::DelegationKey;
using azure::Grant;

namespace {

/// The emulator's published one.
const Secret kKey =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

Grant grant(const Path& path, const std::string& permissions) {
  return {.account = "acct",
          .container = "cont",
          .path = path,
          .permissions = permissions,
          .expires = std::chrono::sys_days{std::chrono::year{2026} / 2 / 12} + 1h};
}

DelegationKey delegation_key() {
  return {.object_id = "11111111-2222-3333-4444-555555555555",
          .tenant_id = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
          .starts = "2026-02-11T23:45:00Z",
          .expires = "2026-02-18T23:45:00Z",
          .service = "b",
          .version = "2023-11-03",
          .value = "qbGKE9zTV/OiIpTHoJZbNNzw5WFmnPDRtMTAKCUyHtU="};
}

using Parameters = std::map<std::string, std::string>;

/// Decoded: how much of a value is encoded differs from one client to the next.
Parameters parameters(std::string_view query) {
  Parameters result;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    const std::size_t equals = pair.find('=');
    result.emplace(pair.substr(0, equals), net::percent_decode(pair.substr(equals + 1)));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
  }
  return result;
}

}  // namespace

TEST_CASE("a URL signed with the account's key is the one that Azure's SDK makes",
          "[azure][sign]") {
  CHECK(parameters(sign_grant(grant("a b/c+ü.bin", "r"), kKey).reveal()) ==
        parameters("se=2026-02-12T01%3A00%3A00Z&sp=r&spr=https&sv=2023-11-03&sr=b&"
                   "sig=G4e6dPEhIOPuADJpB0ziQw7fcOTm/kigpo184GwXIJk%3D"));
  CHECK(parameters(sign_grant(grant("k", "cw"), kKey).reveal()) ==
        parameters("se=2026-02-12T01%3A00%3A00Z&sp=cw&spr=https&sv=2023-11-03&sr=b&"
                   "sig=nrHD1ulwhMeKmlDw7RGHnbMP4urIY98FNWTjI1be4jA%3D"));
}

TEST_CASE("a URL for plain http allows both kinds of it", "[azure][sign]") {
  Grant plain = grant("k", "r");
  plain.https_only = false;
  CHECK(parameters(sign_grant(plain, kKey).reveal()) ==
        parameters("se=2026-02-12T01%3A00%3A00Z&sp=r&sv=2023-11-03&sr=b&"
                   "sig=xBJE4SY/kNM1hHZYkmyrhSnl7ia589eDClki0RsQAiQ%3D"));
}

TEST_CASE("a version of a blob is part of what is signed, and asked for", "[azure][sign]") {
  Grant version = grant("k", "r");
  version.version = "2026-02-10T10:00:00.1234567Z";
  CHECK(parameters(sign_grant(version, kKey).reveal()) ==
        parameters("versionid=2026-02-10T10%3A00%3A00.1234567Z&se=2026-02-12T01%3A00%3A00Z&sp=r&"
                   "spr=https&sv=2023-11-03&sr=bv&"
                   "sig=ys1WCOrwyhsqGIHJhsqG2NNlWsBILinvYg%2BnjUK/5/Q%3D"));
}

TEST_CASE("a URL signed with a user's delegation key is the one that Azure's SDK makes",
          "[azure][sign]") {
  const std::string key =
      "&spr=https&sv=2023-11-03&sr=b&skoid=11111111-2222-3333-4444-555555555555&"
      "sktid=aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee&skt=2026-02-11T23%3A45%3A00Z&"
      "ske=2026-02-18T23%3A45%3A00Z&sks=b&skv=2023-11-03";
  CHECK(parameters(sign_grant(grant("a b/c+ü.bin", "r"), delegation_key()).reveal()) ==
        parameters("se=2026-02-12T01%3A00%3A00Z&sp=r" + key +
                   "&sig=kbc24KSdkXiN7Y54ah9V7hDhcGmXjRdPCVtx4d9VFcs%3D"));
  Grant week = grant("k", "cw");
  week.expires = std::chrono::sys_days{std::chrono::year{2026} / 2 / 18} + 23h;
  CHECK(parameters(sign_grant(week, delegation_key()).reveal()) ==
        parameters("se=2026-02-18T23%3A00%3A00Z&sp=cw" + key +
                   "&sig=7E/AmybKygiJ2W5hPrqO/VZb6fBEWDacpsjUoWtf3oQ%3D"));
}

TEST_CASE("what is signed is fit for a URL as it is", "[azure][sign]") {
  const Secret query = sign_grant(grant("k", "cw"), kKey);
  CHECK(query.reveal().find_first_of(" +/:\"#") == std::string::npos);
}

TEST_CASE("a key that is no base64 signs nothing", "[azure][sign]") {
  CHECK(sign_grant(grant("k", "r"), Secret("no*base64")).empty());
}

// The answer's example on
// https://learn.microsoft.com/rest/api/storageservices/get-user-delegation-key
TEST_CASE("a delegation key is read from the service's answer", "[azure][sign]") {
  const auto key = azure::parse_delegation_key(
      "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?><UserDelegationKey>"
      "<SignedOid>f81d4fae-7dec-11d0-a765-00a0c91e6bf6</SignedOid>"
      "<SignedTid>72f988bf-86f1-41af-91ab-2d7cd011db47</SignedTid>"
      "<SignedStart>2026-02-12T00:00:00Z</SignedStart>"
      "<SignedExpiry>2026-02-19T00:00:00Z</SignedExpiry><SignedService>b</SignedService>"
      "<SignedVersion>2023-11-03</SignedVersion>"
      "<Value>qbGKE9zTV/OiIpTHoJZbNNzw5WFmnPDRtMTAKCUyHtU=</Value></UserDelegationKey>");
  REQUIRE(key);
  CHECK(key->object_id == "f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
  CHECK(key->tenant_id == "72f988bf-86f1-41af-91ab-2d7cd011db47");
  CHECK(key->starts == "2026-02-12T00:00:00Z");
  CHECK(key->service == "b");
  CHECK(key->version == "2023-11-03");
  CHECK(key->value.reveal() == "qbGKE9zTV/OiIpTHoJZbNNzw5WFmnPDRtMTAKCUyHtU=");
  CHECK(*key->end() == std::chrono::sys_days{std::chrono::year{2026} / 2 / 19});
}

TEST_CASE("an answer without a whole delegation key gives none", "[azure][sign]") {
  const char* body = GENERATE(
      "", "<Error/>", "<UserDelegationKey/>",
      "<UserDelegationKey><SignedExpiry>soon</SignedExpiry><Value>a2V5</Value></UserDelegationKey>",
      "<UserDelegationKey><SignedExpiry>2026-02-19T00:00:00Z</SignedExpiry><Value>*</Value>"
      "</UserDelegationKey>");
  CHECK_FALSE(azure::parse_delegation_key(body));
}
