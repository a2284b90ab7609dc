// FileSystem::sign on Azure. The signatures are those of azure-storage-blob (see sas_test.cpp).
#include "vfs/azure/sas_url.hpp"

#include <chrono>
#include <memory>
#include <string>

#include "tests/support/catch.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/scripted_transport.hpp"

using namespace cairn;
using namespace cairn::vfs;
using namespace std::chrono_literals;
using test::Answer;
using test::code_of;
using test::ScriptedTransport;

namespace {

const AzureOptions kKey{
    .account = "acct",
    .account_key =
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="};
const AzureOptions kToken{.account = "acct", .token = "eyJ0"};

/// The container "cont" of the account "acct". The clock stands at 2026-02-12 00:00:00 UTC.
struct Signing {
  explicit Signing(const AzureOptions& options, ScriptedTransport::Handler handler = nullptr)
      : transport(std::make_shared<ScriptedTransport>(std::move(handler))),
        signer(std::make_shared<azure::Connection>(
            Url::parse("az://cont"),
            test::scripted_services(transport, {.azure = options}, clock))) {}
  [[nodiscard]] std::size_t requests() const { return transport->requests().size(); }

  std::shared_ptr<test::VirtualClock> clock = std::make_shared<test::VirtualClock>();
  std::shared_ptr<ScriptedTransport> transport;
  azure::UrlSigner signer;
};

std::string body_of(const net::Request& request) {
  std::string text(request.body.size(), '\0');
  BodyReader(request.body).read(std::as_writable_bytes(std::span(text)));
  return text;
}

/// https://learn.microsoft.com/rest/api/storageservices/get-user-delegation-key
Answer give_key(const net::Request& request) {
  const bool known = request.method == "POST" &&
                     request.url ==
                         "https://acct.blob.core.windows.net/"
                         "?restype=service&comp=userdelegationkey" &&
                     request.headers.get("authorization") == "Bearer eyJ0" &&
                     !request.headers.get("x-ms-version").empty();
  const std::string body = body_of(request);
  const auto between = [&body](const std::string& open, const std::string& close) {
    const std::size_t start = body.find(open) + open.size();
    return body.substr(start, body.find(close) - start);
  };
  if (!known || !contains(body, "<KeyInfo><Start>")) return {.status = 400};
  return {.headers = {{"x-ms-request-id", "r"}},
          .body =
              "<?xml version=\"1.0\" encoding=\"utf-8\"?><UserDelegationKey>"
              "<SignedOid>11111111-2222-3333-4444-555555555555</SignedOid>"
              "<SignedTid>aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee</SignedTid><SignedStart>" +
              between("<Start>", "</Start>") + "</SignedStart><SignedExpiry>" +
              between("<Expiry>", "</Expiry>") +
              "</SignedExpiry><SignedService>b</SignedService>"
              "<SignedVersion>2023-11-03</SignedVersion>"
              "<Value>qbGKE9zTV/OiIpTHoJZbNNzw5WFmnPDRtMTAKCUyHtU=</Value>"
              "</UserDelegationKey>"};
}

}  // namespace

TEST_CASE("a URL is signed with the account's key, and nobody is asked", "[azure][sign]") {
  Signing account(kKey);

  const std::string url = account.signer.sign("a b/c+ü.bin", {}).reveal();

  CHECK(url.starts_with("https://acct.blob.core.windows.net/cont/a%20b/c%2B%C3%BC.bin?"));
  CHECK(contains(url, "sp=r&"));
  CHECK(contains(url, "spr=https&"));
  CHECK(contains(url, "&sig=G4e6dPEhIOPuADJpB0ziQw7fcOTm%2Fkigpo184GwXIJk%3D"));
  CHECK(account.requests() == 0);
}

TEST_CASE("a URL for writing may create, and replaces only where it may", "[azure][sign]") {
  Signing account(kKey);
  CHECK(contains(account.signer.sign("k", {.method = SignMethod::put}).reveal(),
                 "sig=nrHD1ulwhMeKmlDw7RGHnbMP4urIY98FNWTjI1be4jA%3D"));
  CHECK(contains(account.signer.sign("k", {.method = SignMethod::put, .if_absent = true}).reveal(),
                 "sig=b4Ealcln39jMi%2FePhQHequz%2FTaofJf0XHrOkRWC73Wc%3D"));
}

TEST_CASE("the time of a signature can be given", "[azure][sign]") {
  Signing account(kKey);
  account.clock->sleep(1h, {});
  const auto start = std::chrono::sys_days{std::chrono::year{2026} / 2 / 12};
  CHECK(contains(account.signer.sign("a b/c+ü.bin", {.signed_at = start}).reveal(),
                 "sig=G4e6dPEhIOPuADJpB0ziQw7fcOTm%2Fkigpo184GwXIJk%3D"));
}

TEST_CASE("whoever has a token signs with a delegation key, which is kept", "[azure][sign]") {
  Signing account(kToken, give_key);

  const std::string url = account.signer.sign("a b/c+ü.bin", {}).reveal();

  CHECK(contains(url, "skt=2026-02-11T23%3A45%3A00Z&ske=2026-02-18T23%3A45%3A00Z&"));
  CHECK(contains(url, "&sig=kbc24KSdkXiN7Y54ah9V7hDhcGmXjRdPCVtx4d9VFcs%3D"));
  CHECK_FALSE(contains(url, "eyJ0"));
  static_cast<void>(account.signer.sign("k", {.expires = 166h}));
  CHECK(account.requests() == 1);
}

TEST_CASE("a delegation key that ends too early is replaced", "[azure][sign]") {
  Signing account(kToken, give_key);
  static_cast<void>(account.signer.sign("k", {}));
  account.clock->sleep(24h, {});
  CHECK(contains(account.signer.sign("k", {.expires = 24h * 7}).reveal(),
                 "ske=2026-02-20T00%3A00%3A00Z"));
  CHECK(account.requests() == 2);
}

TEST_CASE("what Azure's signatures can't demand is refused", "[azure][sign]") {
  Signing account(kKey);
  const auto refused = [&](const SignOptions& options) {
    return code_of([&] { static_cast<void>(account.signer.sign("k", options)); });
  };
  CHECK(refused({.if_match = "\"e\""}) == ErrorCode::unsupported);
  CHECK(refused({.method = SignMethod::put, .content_type = "text/plain"}) ==
        ErrorCode::unsupported);
  CHECK(refused({.expires = 24h * 8}) == ErrorCode::invalid_argument);
  CHECK(refused({.expires = 0s}) == ErrorCode::invalid_argument);
}

TEST_CASE("neither a SAS nor nobody can sign a URL", "[azure][sign]") {
  Signing sas({.account = "acct", .sas_token = "sv=1&sig=canary"});
  const Error refused = test::error_of([&] { static_cast<void>(sas.signer.sign("k", {})); });
  CHECK(refused.code() == ErrorCode::unsupported);
  CHECK(contains(refused.what(), "can't sign another one"));
  CHECK_FALSE(contains(refused.what(), "canary"));

  Signing nobody({.account = "acct", .anonymous = true});
  CHECK(code_of([&] { static_cast<void>(nobody.signer.sign("k", {})); }) ==
        ErrorCode::unauthenticated);
}

TEST_CASE("an identity that may not have a delegation key is told so", "[azure][sign]") {
  Signing account(kToken, [](const net::Request&) -> Answer {
    return {.status = 403, .headers = {{"x-ms-error-code", "AuthorizationPermissionMismatch"}}};
  });
  CHECK(code_of([&] { static_cast<void>(account.signer.sign("k", {})); }) ==
        ErrorCode::permission_denied);

  Signing odd(kToken,
              [](const net::Request&) -> Answer { return {.body = "<UserDelegationKey/>"}; });
  CHECK(code_of([&] { static_cast<void>(odd.signer.sign("k", {})); }) == ErrorCode::corrupt);
}

TEST_CASE("a token's URL can't outlive its key", "[azure][sign]") {
  Signing account(kToken, give_key);
  const auto tomorrow = account.clock->now() + 24h;
  CHECK(code_of([&] {
          static_cast<void>(account.signer.sign("k", {.expires = 24h * 7, .signed_at = tomorrow}));
        }) == ErrorCode::invalid_argument);
  CHECK(account.requests() == 0);
}
