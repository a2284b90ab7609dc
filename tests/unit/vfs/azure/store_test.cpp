#include "vfs/azure/store.hpp"

#include <string>

#include "tests/support/catch.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/error_of.hpp"
#include "tests/unit/vfs/azure/container.hpp"
#include "vfs/crypto/encoding.hpp"

namespace {

using namespace cairn;
using namespace cairn::vfs;
using namespace cairn::test::azure;
using test::Answer;
using test::code_of;
using test::error_of;

// CRC64 of "123456789" (NVM Command Set Specification), as Azure writes it and as hidden metadata.
constexpr const char* kCrc64 = "iJh5CoYUi64=";
constexpr const char* kChecksum = "ae8b14860a799888-9";

TEST_CASE("a put sends type, checksum and authorization", "[azure][store]") {
  Container c({done()});

  const WriteResult result =
      c.store->put("a b/c", Body("123456789"), {.metadata = {{"owner", "me"}}});

  CHECK(result.etag == "\"0x2\"");
  CHECK(result.size == 9);
  const auto request = c.request(0);
  CHECK(c.line(0) == "PUT /a%20b/c");
  CHECK(request.headers.get("x-ms-blob-type") == "BlockBlob");
  CHECK(request.headers.get("x-ms-version") == "2023-11-03");
  CHECK(request.headers.get("x-ms-date") == "Thu, 12 Feb 2026 00:00:00 GMT");
  CHECK(request.headers.get("x-ms-content-crc64") == kCrc64);
  CHECK(request.headers.get("x-ms-meta-cairn_crc64") == kChecksum);
  CHECK(request.headers.get("x-ms-meta-owner") == "me");
  CHECK(contains(request.headers.get("authorization"), "SharedKey acct:"));
}

TEST_CASE("a server that checks no CRC64 gets MD5 instead, at once and from then on",
          "[azure][store]") {
  Container c({error(500, "FeatureNotSupported"), done(), done()});

  c.store->put("k", Body("abc"), {});
  c.store->put("k", Body("abc"), {});

  CHECK(c.count() == 3);
  CHECK(c.clock->sleeps().empty());
  for (const std::size_t index : {1U, 2U}) {
    CHECK_FALSE(c.request(index).headers.find("x-ms-content-crc64"));
    CHECK(c.request(index).headers.get("content-md5") == "kAFQmDzST7DWlj99KOF/cg==");  // RFC 1321
  }
}

TEST_CASE("bytes that were damaged on their way are sent again", "[azure][store]") {
  Container c({error(400, "Crc64Mismatch"), done()});

  CHECK_NOTHROW(c.store->put("k", Body("abc"), {}));
  CHECK(c.count() == 2);
}

TEST_CASE("a file that is not there has no stat, a container that is not there is an error",
          "[azure][store]") {
  Container absent({{.status = 404, .headers = {{"x-ms-error-code", "BlobNotFound"}}}});
  CHECK_FALSE(absent.store->stat("k", {}));

  Container nothing({{.status = 404, .headers = {{"x-ms-error-code", "ContainerNotFound"}}}});
  const Error error = error_of([&] { static_cast<void>(nothing.store->stat("k", {})); });
  CHECK(error.code() == ErrorCode::not_found);
  CHECK(contains(error.what(), "there is no container \"models\""));
  CHECK(contains(error.what(), "az://models/k"));
}

TEST_CASE("a blob that marks a directory is no file", "[azure][store]") {
  Container c({head({{"x-ms-meta-hdi_isfolder", "true"}}, "0")});

  CHECK_FALSE(c.store->stat("d", {}));
}

TEST_CASE("a blob that shall be created and is there is told as such", "[azure][store]") {
  Container c({error(409, "BlobAlreadyExists")});

  CHECK(code_of([&] { c.store->put("k", Body("x"), {.if_absent = true}); }) ==
        ErrorCode::already_exists);
  CHECK(c.request(0).headers.get("if-none-match") == "*");
}

TEST_CASE("what has changed or is gone is not replaced", "[azure][store]") {
  for (const Answer& answer : {error(412, "ConditionNotMet"), error(404, "BlobNotFound")}) {
    Container c({answer});
    CHECK(code_of([&] { c.store->put("k", Body("x"), {.if_match = "\"0x1\""}); }) ==
          ErrorCode::precondition_failed);
    CHECK(c.request(0).headers.get("if-match") == "\"0x1\"");
  }
}

TEST_CASE("a lease of somebody else is told as what it is", "[azure][store]") {
  Container c({error(412, "LeaseIdMissing")});

  const Error error = error_of([&] { c.store->put("k", Body("x"), {.if_absent = true}); });

  CHECK(error.code() == ErrorCode::permission_denied);
  CHECK(contains(error.what(), "holds a lease"));
}

/// A service that carries out the first PUT but loses its answer, and keeps what was written.
test::ScriptedTransport::Handler loses_first_answer(std::string other_token) {
  auto token = std::make_shared<std::string>();
  return [token, other_token](const net::Request& request) -> Answer {
    if (request.method == "HEAD") return head({{"x-ms-meta-cairn_op", *token}}, "1");
    if (!token->empty()) return error(409, "BlobAlreadyExists");
    *token =
        other_token.empty() ? std::string(request.headers.get("x-ms-meta-cairn_op")) : other_token;
    return lost();
  };
}

TEST_CASE("a create whose answer was lost knows its own blob again", "[azure][store]") {
  Container c(loses_first_answer(""));

  CHECK(c.store->put("k", Body("x"), {.if_absent = true}).etag == "\"0x1\"");
}

TEST_CASE("a create whose answer was lost takes no other's blob for its own", "[azure][store]") {
  Container c(loses_first_answer("another"));

  CHECK(code_of([&] { c.store->put("k", Body("x"), {.if_absent = true}); }) ==
        ErrorCode::already_exists);
}

TEST_CASE("a blob of our token and another length is not what was written", "[azure][store]") {
  Container c(loses_first_answer(""));

  CHECK(code_of([&] { c.store->put("k", Body("xy"), {.if_absent = true}); }) ==
        ErrorCode::already_exists);
}

TEST_CASE("a read of a whole blob is compared with its checksum", "[azure][store]") {
  const auto answer = [](const char* body) {
    return Answer{.headers = {{"ETag", "\"e\""},
                              {"Content-Length", "9"},
                              {"x-ms-meta-cairn_crc64", kChecksum}},
                  .body = body};
  };
  std::string out(9, '?');
  const auto into = std::as_writable_bytes(std::span(out));

  Container once({answer("123456780"), answer("123456789")});
  const ReadResult result = once.store->read("k", 0, into, {.entire = true});
  CHECK(out == "123456789");
  CHECK(result.info.checksum == Checksum{ChecksumType::crc64nvme, 0xae8b14860a799888});

  Container always(std::vector<Answer>(9, answer("123456780")));
  CHECK(code_of([&] { always.store->read("k", 0, into, {.entire = true}); }) == ErrorCode::corrupt);
}

TEST_CASE("a range is asked for under its etag", "[azure][store]") {
  Container c({{.status = 206,
                .headers = {{"ETag", "\"e\""}, {"Content-Range", "bytes 2-3/9"}},
                .body = "cd"}});
  std::string out(2, '?');

  const ReadResult result =
      c.store->read("k", 2, std::as_writable_bytes(std::span(out)), {.if_match = "\"e\""});

  CHECK(out == "cd");
  CHECK(result.info.size == 9);
  CHECK(c.request(0).headers.get("range") == "bytes=2-3");
  CHECK(c.request(0).headers.get("if-match") == "\"e\"");
}

TEST_CASE("past the end and in an empty blob there is nothing to read", "[azure][store]") {
  Container c({error(416, "InvalidRange"), head({}, "0")});
  std::string out(2, '?');

  const ReadResult result = c.store->read("k", 5, std::as_writable_bytes(std::span(out)), {});

  CHECK(result.bytes == 0);
  CHECK(result.info.etag == "\"0x1\"");
}

TEST_CASE("a busy service is asked again when it says so", "[azure][store]") {
  Answer busy = error(503, "ServerBusy");
  busy.headers.emplace_back("x-ms-retry-after-ms", "1500");
  Container c({busy, head()});

  CHECK(c.store->stat("k", {}));
  CHECK(c.clock->sleeps().at(0) >= std::chrono::milliseconds(1500));
}

TEST_CASE("a SAS goes into the URL and into no message", "[azure][store]") {
  Config config{.azure = {.account = "acct", .sas_token = "?sv=2023-11-03&sig=canary%3D"}};
  Container c({error(403, "AuthorizationPermissionMismatch")}, config);

  const Error error = error_of([&] { c.store->put("k", Body("x"), {}); });

  CHECK(c.line(0) == "PUT /k?sv=2023-11-03&sig=canary%3D");
  CHECK_FALSE(c.request(0).headers.find("authorization"));
  CHECK(error.code() == ErrorCode::permission_denied);
  CHECK_FALSE(contains(error.what(), "canary"));
}

TEST_CASE("the SAS of an https URL is its credential, and stands in no message", "[azure][store]") {
  const auto transport = std::make_shared<test::ScriptedTransport>(
      std::vector<Answer>{error(403, "AuthorizationPermissionMismatch")});
  const auto url = canonical_azure_url(Url::parse(std::string(kRoot) + "/k?sv=1&sig=canary"));
  const auto store =
      make_azure_store_on(url->with_path({}), test::scripted_services(transport, with_key()));

  const Error error = error_of([&] { store->put("k", Body("x"), {}); });

  CHECK(transport->requests().at(0).url == std::string(kRoot) + "/k?sv=1&sig=canary");
  CHECK_FALSE(contains(error.what(), "canary"));
}

TEST_CASE("the query of an https URL is a SAS or an error", "[azure][store]") {
  const auto url = canonical_azure_url(Url::parse(std::string(kRoot) + "/k?snapshot=1"));
  const auto transport = std::make_shared<test::ScriptedTransport>(std::vector<Answer>{});

  CHECK(code_of([&] {
          static_cast<void>(make_azure_store_on(url->with_path({}),
                                                test::scripted_services(transport, with_key())));
        }) == ErrorCode::invalid_argument);
}

TEST_CASE("an anonymous request carries a version and no authorization", "[azure][store]") {
  Container c({head()}, {.azure = {.account = "acct", .anonymous = true}});

  CHECK(c.store->stat("k", {}));
  CHECK_FALSE(c.request(0).headers.find("authorization"));
  CHECK(c.request(0).headers.find("x-ms-version"));
}

TEST_CASE("a key of another account is not used", "[azure][store]") {
  Config config{.azure = {.connection_string = "AccountName=other;AccountKey=a2V5LWNhbmFyeQ=="}};
  const auto transport = std::make_shared<test::ScriptedTransport>(std::vector<Answer>{});
  Container c(transport, config, "abfss://models@acct.dfs.core.windows.net");

  const Error error = error_of([&] { c.store->put("k", Body("x"), {}); });

  CHECK(error.code() == ErrorCode::unauthenticated);
  CHECK(contains(error.what(), "\"other\""));
  CHECK(c.count() == 0);
}

// https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes
TEST_CASE("a token that makes no sense to the service is told as what it is", "[azure][store]") {
  Container c({error(400, "InvalidAuthenticationInfo")},
              {.azure = {.account = "acct", .token = "eyJ0", .hierarchical = false}});

  const Error error = error_of([&] { c.store->put("k", Body("x"), {}); });

  CHECK(error.code() == ErrorCode::unauthenticated);
  CHECK(contains(error.what(), "the token was refused"));
}

TEST_CASE("a key that is no base64 is refused without being shown", "[azure][store]") {
  Container c(std::vector<Answer>{}, {.azure = {.account = "acct", .account_key = "canary!"}});

  const Error error = error_of([&] { c.store->put("k", Body("x"), {}); });

  CHECK(error.code() == ErrorCode::unauthenticated);
  CHECK_FALSE(contains(error.what(), "canary"));
}

TEST_CASE("adl: says once that it stands for az:", "[azure][store]") {
  std::vector<std::string> lines;
  Config config = with_key();
  config.log = [&](LogLevel level, std::string_view line) {
    if (level == LogLevel::warning) lines.emplace_back(line);
  };
  const auto transport = std::make_shared<test::ScriptedTransport>(std::vector<Answer>{head()});
  Container c(transport, config, "adl://models");

  CHECK(c.store->stat("k", {}));
  REQUIRE(lines.size() == 1);
  CHECK(contains(lines.front(), "Gen1"));
}

std::string page(const std::string& names, const std::string& marker) {
  std::string blobs;
  for (const char name : names) {
    blobs += std::string("<Blob><Name>") + name + "</Name><Properties/></Blob>";
  }
  return "<EnumerationResults><Blobs>" + blobs + "</Blobs><NextMarker>" + marker +
         "</NextMarker></EnumerationResults>";
}

TEST_CASE("a listing that begins after a name passes over the pages before it", "[azure][store]") {
  Container c({{.body = page("ab", "1")}, {.body = page("cd", "2")}, {.body = page("ef", "3")}});

  const ListPage found = c.store->list_page({}, {.recursive = true, .start_after = "e"});

  REQUIRE(found.entries.size() == 1);
  CHECK(found.entries.front().path == Path("f"));
  CHECK(found.next_page_token == "3");
  CHECK(contains(c.line(2), "marker=2"));
}

TEST_CASE("a service that sends one page for ever is not listened to for ever", "[azure][store]") {
  Container c({{.body = page("ab", "1")}});

  CHECK(code_of([&] { static_cast<void>(c.store->list_page({}, {.page_token = "1"})); }) ==
        ErrorCode::corrupt);
}

}  // namespace
