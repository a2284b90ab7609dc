#include "vfs/s3/store.hpp"

#include <map>
#include <string>

#include "tests/support/catch.hpp"
#include "tests/support/scripted_transport.hpp"
#include "vfs/error.hpp"

namespace {

using namespace cairn;
using namespace cairn::vfs;
using net::TransportFailure;
using test::Answer;
using test::ScriptedTransport;

Config with_keys() {
  return {.s3 = {.access_key_id = "id",
                 .secret_access_key = "s3cret-canary",
                 .region = "eu-west-3",
                 .endpoint_url = "http://127.0.0.1:9000"}};
}

/// A bucket "bkt" behind a script.
struct Fixture {
  explicit Fixture(std::vector<Answer> script, Config config = with_keys())
      : Fixture(std::make_shared<ScriptedTransport>(std::move(script)), std::move(config)) {}
  explicit Fixture(ScriptedTransport::Handler handler, Config config = with_keys())
      : Fixture(std::make_shared<ScriptedTransport>(std::move(handler)), std::move(config)) {}
  Fixture(std::shared_ptr<ScriptedTransport> scripted, Config config)
      : transport(std::move(scripted)),
        store(make_s3_store_on(Url::parse("s3://bkt"),
                               test::scripted_services(transport, std::move(config)))) {}

  std::shared_ptr<ScriptedTransport> transport;
  std::shared_ptr<Store> store;
};

template <class Function>
Error error_of(Function function) {
  try {
    function();
  } catch (const Error& error) {
    return error;
  }
  FAIL("it did not fail");
  return Error(ErrorCode::io, {});
}

std::string error_xml(std::string_view code) {
  return "<Error><Code>" + std::string(code) + "</Code><Message>why</Message></Error>";
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

TEST_CASE("a put sends key, checksum and signature", "[s3][store]") {
  Fixture f({Answer{.headers = {{"ETag", "\"e\""}}}});

  const WriteResult result =
      f.store->put("a b/c", Body("123456789"), {.metadata = {{"owner", "me"}}});

  CHECK(result.etag == "\"e\"");
  CHECK(result.size == 9);
  const auto request = f.transport->requests().at(0);
  CHECK(request.method == "PUT");
  CHECK(request.url == "http://127.0.0.1:9000/bkt/a%20b/c");
  CHECK(request.headers.get("x-amz-checksum-crc32c") == "4waSgw==");
  CHECK(request.headers.get("x-amz-content-sha256") == "UNSIGNED-PAYLOAD");
  CHECK(request.headers.get("x-amz-meta-owner") == "me");
  CHECK(contains(request.headers.get("authorization"), "/eu-west-3/s3/aws4_request"));
}

TEST_CASE("a payload is hashed into the signature if that is asked for", "[s3][store]") {
  Config config = with_keys();
  config.s3.sign_payload = true;
  Fixture f({Answer{.headers = {{"ETag", "\"e\""}}}}, config);

  f.store->put("k", Body("abc"), {});

  CHECK(f.transport->requests().at(0).headers.get("x-amz-content-sha256") ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("an anonymous request is not signed", "[s3][store]") {
  Fixture f({Answer{.headers = {{"Content-Length", "3"}, {"ETag", "\"e\""}}}},
            {.s3 = {.endpoint_url = "http://192.0.2.1", .anonymous = true}});

  CHECK(f.store->stat("k", {})->size == 3);
  CHECK_FALSE(f.transport->requests().at(0).headers.find("authorization").has_value());
}

TEST_CASE("without credentials the error says where they were looked for", "[s3][store]") {
  Config config{.s3 = {.endpoint_url = "http://127.0.0.1:9000"}};
  config.environment = [](std::string_view name) -> std::optional<std::string> {
    if (name == "HOME") return "/nonexistent";
    if (name == "AWS_EC2_METADATA_DISABLED") return "true";
    return std::nullopt;
  };
  Fixture f(std::vector<Answer>{}, config);

  const Error error = error_of([&] { f.store->put("k", {}, {}); });

  CHECK(error.code() == ErrorCode::unauthenticated);
  CHECK(contains(error.what(), "s3://bkt/k"));
  CHECK(contains(error.what(), "/nonexistent/.aws/credentials [default] (no such file)"));
  CHECK(contains(error.what(), "AWS_ACCESS_KEY_ID"));
  CHECK(f.transport->requests().empty());
}

TEST_CASE("a file that is not there has no stat; the bucket is asked for once", "[s3][store]") {
  Fixture f([](const net::Request& request) -> Answer {
    if (request.method == "HEAD") return {.status = 404};
    return {.body = "<ListBucketResult/>"};
  });

  CHECK_FALSE(f.store->stat("k", {}).has_value());
  CHECK_FALSE(f.store->stat("k", {}).has_value());
  CHECK(f.transport->requests().size() == 3);
}

TEST_CASE("a missing bucket or an unknown key is no absent file", "[s3][store]") {
  for (const char* code : {"NoSuchBucket", "XAdminUserNotFound", "InvalidAccessKeyId"}) {
    Fixture f([code](const net::Request& request) -> Answer {
      if (request.method == "HEAD") return {.status = 404};
      return {.status = 404, .body = error_xml(code)};
    });
    CHECK(error_of([&] { static_cast<void>(f.store->stat("k", {})); }).details().service_code ==
          code);
  }
}

TEST_CASE("a create that meets a file fails as already there", "[s3][store]") {
  Fixture f({Answer{.status = 412, .body = error_xml("PreconditionFailed")}});

  CHECK(error_of([&] { f.store->put("k", Body("x"), {.if_absent = true}); }).code() ==
        ErrorCode::already_exists);
  CHECK(f.transport->requests().size() == 1);
}

/// A server that carries out the first PUT but loses its answer, and keeps what was written.
ScriptedTransport::Handler loses_first_answer(bool other_writer) {
  auto token = std::make_shared<std::string>();
  return [token, other_writer](const net::Request& request) -> Answer {
    if (request.method == "HEAD") {
      return {
          .headers = {{"Content-Length", "1"}, {"ETag", "\"e\""}, {"x-amz-meta-cairn-op", *token}}};
    }
    if (!token->empty()) return {.status = 412, .body = error_xml("PreconditionFailed")};
    *token = other_writer ? "another" : std::string(request.headers.get("x-amz-meta-cairn-op"));
    return {.failure = TransportFailure::receive};
  };
}

TEST_CASE("a create whose answer was lost is known to be ours by its token", "[s3][store]") {
  Fixture f(loses_first_answer(false));
  CHECK(f.store->put("k", Body("x"), {.if_absent = true}).etag == "\"e\"");
}

TEST_CASE("a create that another writer won while our answer was lost fails", "[s3][store]") {
  Fixture f(loses_first_answer(true));
  CHECK(error_of([&] { f.store->put("k", Body("x"), {.if_absent = true}); }).code() ==
        ErrorCode::already_exists);
}

TEST_CASE("a read of an empty file gives no bytes and its facts", "[s3][store]") {
  Fixture f({Answer{.status = 416, .body = error_xml("InvalidRange")},
             {.headers = {{"Content-Length", "0"}, {"ETag", "\"e\""}}}});
  std::string memory(4, '-');

  const ReadResult result = f.store->read("k", 0, std::as_writable_bytes(std::span(memory)), {});

  CHECK(result.bytes == 0);
  CHECK(result.info.size == 0);
  CHECK(result.info.etag == "\"e\"");
}

TEST_CASE("a read tells the size of the whole file", "[s3][store]") {
  Fixture f({Answer{
      .status = 206,
      .headers = {{"Content-Range", "bytes 2-5/100"}, {"Content-Length", "4"}, {"ETag", "\"e\""}},
      .body = "cdef"}});
  std::string memory(4, '-');

  const ReadResult result =
      f.store->read("k", 2, std::as_writable_bytes(std::span(memory)), {.if_match = "\"e\""});

  CHECK(memory == "cdef");
  CHECK(result.bytes == 4);
  CHECK(result.info.size == 100);
  CHECK(f.transport->requests().at(0).headers.get("if-match") == "\"e\"");
}

TEST_CASE("a flipped bit of a whole file is noticed, and the file is read again", "[s3][store]") {
  // 4waSgw== is the CRC32C of "123456789"
  const auto answer = [](std::string body) {
    return Answer{.status = 206,
                  .headers = {{"Content-Range", "bytes 0-8/9"},
                              {"ETag", "\"e\""},
                              {"x-amz-checksum-crc32c", "4waSgw=="}},
                  .body = std::move(body)};
  };
  std::string memory(16, '-');
  const auto out = std::as_writable_bytes(std::span(memory));
  Fixture once({answer("123456788"), answer("123456789")});
  Fixture always(std::vector<Answer>(20, answer("123456788")));

  CHECK(once.store->read("k", 0, out, {}).bytes == 9);
  CHECK(memory.starts_with("123456789-"));
  CHECK(error_of([&] { always.store->read("k", 0, out, {}); }).code() == ErrorCode::corrupt);
  CHECK(always.transport->requests().size() == 4);
}

TEST_CASE("every checksum that S3 keeps of a whole object is compared", "[s3][store]") {
  // Of "123456789": the CRC catalogue's check values, big-endian in base64.
  const auto [name, value] = GENERATE(table<std::string, std::string>({
      {"x-amz-checksum-crc32", "y/Q5Jg=="},
      {"x-amz-checksum-crc32c", "4waSgw=="},
      {"x-amz-checksum-crc64nvme", "rosUhgp5mIg="},
  }));
  const auto fixture = [&, name = name, value = value](const char* body) {
    return Fixture(std::vector<Answer>(
        9, Answer{.headers = {{"Content-Length", "9"}, {name, value}}, .body = body}));
  };
  std::string memory(16, '-');
  const auto out = std::as_writable_bytes(std::span(memory));
  Fixture good = fixture("123456789");
  Fixture bad = fixture("123456780");

  CHECK(good.store->read("k", 0, out, {.entire = true}).info.checksum.has_value());
  CHECK_FALSE(good.transport->requests().at(0).headers.find("range"));
  CHECK(error_of([&] { bad.store->read("k", 0, out, {.entire = true}); }).code() ==
        ErrorCode::corrupt);
}

TEST_CASE("a checksum over the checksums of parts is not taken for one of the bytes",
          "[s3][store]") {
  Fixture f({Answer{.headers = {{"Content-Length", "9"}, {"x-amz-checksum-crc32c", "AAAAAA==-2"}},
                    .body = "123456789"},
             Answer{.headers = {{"Content-Length", "9"},
                                {"x-amz-checksum-crc32c", "AAAAAA=="},
                                {"x-amz-checksum-type", "COMPOSITE"}},
                    .body = "123456789"}});
  std::string memory(16, '-');
  const auto out = std::as_writable_bytes(std::span(memory));

  CHECK(f.store->read("k", 0, out, {.entire = true}).bytes == 9);
  CHECK(f.store->read("k", 0, out, {.entire = true}).bytes == 9);
}

TEST_CASE("a signed URL that has expired is told from a missing permission", "[s3][store]") {
  // MinIO and versitygw: 403 AccessDenied "Request has expired"
  const Answer expired{
      .status = 403,
      .body = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"};
  Fixture f({expired});
  const Error error = error_of([&] { f.store->put("k", {}, {}); });
  CHECK(error.code() == ErrorCode::unauthenticated);
  CHECK(contains(error.details().hint, "have a new one made"));
}

TEST_CASE("a wrong region is corrected once and remembered", "[s3][store]") {
  Fixture f(
      {{.status = 400,
        .body =
            "<Error><Code>AuthorizationHeaderMalformed</Code><Region>us-west-2</Region></Error>"},
       {.headers = {{"ETag", "\"e\""}}},
       {.headers = {{"ETag", "\"e\""}}}});

  f.store->put("k", Body("x"), {});
  f.store->put("k", Body("x"), {});

  const auto requests = f.transport->requests();
  REQUIRE(requests.size() == 3);
  CHECK(contains(requests[1].headers.get("authorization"), "/us-west-2/"));
  CHECK(contains(requests[2].headers.get("authorization"), "/us-west-2/"));
}

TEST_CASE("a region that is no name is not believed", "[s3][store]") {
  Fixture f({Answer{.status = 301, .headers = {{"x-amz-bucket-region", "evil.com/"}}}});
  CHECK(error_of([&] { f.store->put("k", Body("x"), {}); }).details().http_status == 301);
  CHECK(f.transport->requests().size() == 1);
}

TEST_CASE("a bare 400 asks for the region, and asks again if that fails", "[s3][store]") {
  Fixture f({Answer{.status = 400},
             {.status = 503},
             {.status = 400,
              .body = "<Error><Code>AuthorizationHeaderMalformed</Code><Region>us-west-2</Region>"
                      "</Error>"},
             {.headers = {{"Content-Length", "3"}, {"ETag", "\"e\""}}}});

  CHECK(f.store->stat("k", {})->size == 3);
  CHECK(contains(f.transport->requests().back().headers.get("authorization"), "/us-west-2/s3/"));
}

TEST_CASE("at AWS another region is another host", "[s3][store]") {
  Config config = with_keys();
  config.s3.endpoint_url.clear();
  Fixture f({Answer{.status = 301, .headers = {{"x-amz-bucket-region", "us-west-2"}}},
             {.headers = {{"ETag", "\"e\""}}}},
            config);

  f.store->put("k", Body("x"), {});

  CHECK(f.transport->requests().at(1).url == "https://bkt.s3.us-west-2.amazonaws.com/k");
}

TEST_CASE("the same page twice ends a list with an error", "[s3][store]") {
  Fixture f(
      {Answer{.body = "<ListBucketResult><IsTruncated>true</IsTruncated>"
                      "<NextContinuationToken>t</NextContinuationToken></ListBucketResult>"}});
  CHECK(error_of([&] { f.store->list_page("", {.page_token = "t"}); }).code() ==
        ErrorCode::corrupt);
}

TEST_CASE("many files are removed with one request, odd ones singly", "[s3][store]") {
  Fixture f([](const net::Request& request) -> Answer {
    if (request.method == "DELETE") return {.status = 204};
    return {.body =
                "<DeleteResult><Error><Key>b</Key><Code>AccessDenied</Code><Message>no</Message>"
                "</Error></DeleteResult>"};
  });
  const std::vector<Path> paths{"a", "b&c", "b", std::string("x\x01y")};

  const auto results = f.store->remove(paths, {});

  CHECK(f.transport->requests().size() == 2);
  std::map<std::string, std::string> errors;
  for (const RemoveResult& result : results) errors[result.path.string()] = result.error;
  CHECK(errors == std::map<std::string, std::string>{
                      {"a", ""}, {"b&c", ""}, {"b", "AccessDenied: no"}, {"x\x01y", ""}});
}

TEST_CASE("errors name the file, the operation and the cause, and hold no secret", "[s3][store]") {
  Fixture f({Answer{
      .status = 404, .headers = {{"x-amz-request-id", "R1"}}, .body = error_xml("NoSuchBucket")}});

  const Error error = error_of([&] { f.store->put("dir/k", Body("x"), {}); });

  CHECK(error.code() == ErrorCode::not_found);
  CHECK(error.details().operation == "write");
  CHECK(error.details().url == "s3://bkt/dir/k");
  CHECK(error.details().service_code == "NoSuchBucket");
  CHECK(error.details().request_id == "R1");
  CHECK(contains(error.details().hint, "there is no bucket \"bkt\" at http://127.0.0.1:9000"));
  CHECK_FALSE(contains(error.what(), "canary"));
}

}  // namespace
