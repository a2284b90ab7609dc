// Header names and forms: the S3 API reference (PutObject, GetObject, CopyObject, UploadPartCopy).
#include "vfs/s3/object_options.hpp"

#include <string>

#include "tests/support/catch.hpp"
#include "tests/support/scripted_transport.hpp"
#include "vfs/error.hpp"
#include "vfs/s3/store.hpp"

namespace {

using namespace cairn;
using namespace cairn::vfs;
using test::Answer;
using test::ScriptedTransport;

// printf 0123456789abcdef0123456789abcdef | base64; … | openssl md5 -binary | base64
constexpr const char* kKey = "0123456789abcdef0123456789abcdef";
constexpr const char* kKeyBase64 = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
constexpr const char* kKeyMd5 = "hRasmdxgYDKV3nvbahU1MA==";

S3Options options_with(S3Encryption encryption = {}) {
  return {.access_key_id = "id",
          .secret_access_key = "secret",
          .endpoint_url = "http://127.0.0.1:9000",
          .encryption = std::move(encryption)};
}

bool has(const net::Request& request, std::string_view text) {
  return request.url.find(text) != std::string::npos;
}

/// A bucket with one object of nine bytes, that takes everything.
struct Fixture {
  explicit Fixture(S3Options options, std::string size = "9")
      : transport(std::make_shared<ScriptedTransport>(
            [size = std::move(size)](const net::Request& request) -> Answer {
              if (request.method == "HEAD") {
                return {.headers = {{"Content-Length", size}, {"ETag", "\"e\""}}};
              }
              if (has(request, "uploads=")) {
                return {.body =
                            "<InitiateMultipartUploadResult><UploadId>u</UploadId>"
                            "</InitiateMultipartUploadResult>"};
              }
              if (request.headers.find("x-amz-copy-source")) {
                return {.body = "<CopyResult><ETag>\"c\"</ETag></CopyResult>"};
              }
              if (request.method == "POST") {
                return {.body =
                            "<CompleteMultipartUploadResult><ETag>\"m\"</ETag>"
                            "</CompleteMultipartUploadResult>"};
              }
              return {.headers = {{"ETag", "\"p\""}}};
            })),
        store(make_s3_store_on(Url::parse("s3://bkt"),
                               test::scripted_services(transport, {.s3 = std::move(options)}))) {}

  std::shared_ptr<ScriptedTransport> transport;
  std::shared_ptr<Store> store;
};

TEST_CASE("a put says how and where the object is to be kept", "[s3][options]") {
  S3Options options = options_with({.server_side_encryption = "aws:kms",
                                    .kms_key_id = "alias/k",
                                    .kms_context = R"({"a":"b"})",
                                    .bucket_key_enabled = true});
  options.storage_class = "STANDARD_IA";
  Fixture f(options);

  f.store->put("k", Body("x"),
               {.cache_control = "no-store",
                .content_disposition = "attachment",
                .content_encoding = "gzip",
                .tags = {{"team", "a&b c"}, {"x", ""}}});

  const net::Headers headers = f.transport->requests().at(0).headers;
  CHECK(headers.get("x-amz-storage-class") == "STANDARD_IA");
  CHECK(headers.get("x-amz-tagging") == "team=a%26b%20c&x=");
  CHECK(headers.get("cache-control") == "no-store");
  CHECK(headers.get("content-disposition") == "attachment");
  CHECK(headers.get("content-encoding") == "gzip");
  CHECK(headers.get("x-amz-server-side-encryption") == "aws:kms");
  CHECK(headers.get("x-amz-server-side-encryption-aws-kms-key-id") == "alias/k");
  CHECK(headers.get("x-amz-server-side-encryption-context") == "eyJhIjoiYiJ9");
  CHECK(headers.get("x-amz-server-side-encryption-bucket-key-enabled") == "true");
}

TEST_CASE("the storage class of one file wins over that of all", "[s3][options]") {
  S3Options options = options_with();
  options.storage_class = "STANDARD_IA";
  Fixture f(options);

  f.store->put("k", Body("x"), {.storage_class = "GLACIER_IR"});

  CHECK(f.transport->requests().at(0).headers.get("x-amz-storage-class") == "GLACIER_IR");
}

TEST_CASE("payer and expected owner go with every request", "[s3][options]") {
  S3Options options = options_with();
  options.request_payer = true;
  options.expected_bucket_owner = "123456789012";
  Fixture f(options);
  std::string memory(9, '-');

  f.store->put("k", Body("x"), {});
  static_cast<void>(f.store->stat("k", {}));
  f.store->copy("k", "l", {});
  f.store->start_upload("k", {})->abort();

  const auto requests = f.transport->requests();
  REQUIRE(requests.size() == 6);
  for (const net::Request& request : requests) {
    CHECK(request.headers.get("x-amz-request-payer") == "requester");
    CHECK(request.headers.get("x-amz-expected-bucket-owner") == "123456789012");
  }
  CHECK(requests[3].headers.get("x-amz-source-expected-bucket-owner") == "123456789012");
}

TEST_CASE("the customer key goes with all that touches an object's bytes, and nothing else",
          "[s3][options]") {
  Fixture f(options_with({.customer_key = kKey}));
  std::string memory(9, '-');

  f.store->put("k", Body("x"), {});
  static_cast<void>(f.store->stat("k", {}));
  f.store->read("k", 0, std::as_writable_bytes(std::span(memory)).first(0), {});
  const auto upload = f.store->start_upload("k", {});
  upload->put_part(0, Body("x"), {});
  upload->commit({});
  const std::size_t with_key = f.transport->requests().size();
  f.store->start_upload("k", {})->abort();
  const Path path("k");
  f.store->remove(std::span(&path, 1), {});

  const auto requests = f.transport->requests();
  for (std::size_t i = 0; i < with_key; ++i) {
    const net::Headers& headers = requests[i].headers;
    CHECK(headers.get("x-amz-server-side-encryption-customer-algorithm") == "AES256");
    CHECK(headers.get("x-amz-server-side-encryption-customer-key") == kKeyBase64);
    CHECK(headers.get("x-amz-server-side-encryption-customer-key-md5") == kKeyMd5);
  }
  for (std::size_t i = with_key + 1; i < requests.size(); ++i) {
    CHECK_FALSE(requests[i].headers.find("x-amz-server-side-encryption-customer-key"));
  }
}

TEST_CASE("a copy names the key of its source, too, whole or in parts", "[s3][options]") {
  const std::string size = GENERATE("9", "5368709121");  // 5 GiB + 1: in parts
  Fixture f(options_with({.customer_key = kKey}), size);

  f.store->copy("k", "l", {});

  for (const net::Request& request : f.transport->requests()) {
    if (!request.headers.find("x-amz-copy-source")) continue;
    CHECK(request.headers.get("x-amz-copy-source-server-side-encryption-customer-key") ==
          kKeyBase64);
    CHECK(request.headers.get("x-amz-copy-source-server-side-encryption-customer-key-md5") ==
          kKeyMd5);
    CHECK(request.headers.get("x-amz-server-side-encryption-customer-key") == kKeyBase64);
  }
}

TEST_CASE("copies are whole up to 5 GiB, and never more than 10,000 parts", "[s3][options]") {
  const auto copies = [](const std::string& size) {
    Fixture f(options_with(), size);
    f.store->copy("k", "l", {});
    std::size_t count = 0;
    for (const net::Request& request : f.transport->requests()) {
      if (request.headers.find("x-amz-copy-source")) ++count;
    }
    return count;
  };

  CHECK(copies("5368709120") == 1);
  CHECK(copies("5368709121") == 11);          // of 512 MiB
  CHECK(copies("50000000000000") <= 10'000);  // 50 TB
}

TEST_CASE("a copy of an older version says which", "[s3][options]") {
  Fixture f(options_with());

  f.store->copy("k", "k", {.source_version = "v/1"});

  const auto requests = f.transport->requests();
  CHECK(has(requests.at(0), "/bkt/k?versionId=v%2F1"));
  CHECK(requests.at(1).headers.get("x-amz-copy-source") == "bkt/k?versionId=v%2F1");
}

TEST_CASE("options that make no sense are refused before anything is sent", "[s3][options]") {
  CHECK(s3::check_object_options(options_with()).empty());
  CHECK_FALSE(s3::check_object_options(options_with({.customer_key = "short"})).empty());
  CHECK_FALSE(s3::check_object_options(options_with({.kms_key_id = "k"})).empty());
  CHECK_FALSE(s3::check_object_options(
                  options_with({.server_side_encryption = "AES256", .customer_key = kKey}))
                  .empty());
  S3Options owner = options_with();
  owner.expected_bucket_owner = "me";
  CHECK_FALSE(s3::check_object_options(owner).empty());

  Fixture f(options_with());
  CHECK_THROWS_AS(f.store->put("k", Body("x"), {.cache_control = "a\r\nb"}), Error);
  WriteOptions tags;
  for (int i = 0; i < 11; ++i) tags.tags[std::to_string(i)] = "x";
  CHECK_THROWS_AS(f.store->put("k", Body("x"), tags), Error);
  CHECK(f.transport->requests().empty());
}

TEST_CASE("a customer key never travels unencrypted to another machine", "[s3][options]") {
  S3Options options{.endpoint_url = "http://192.0.2.1", .anonymous = true};
  const auto open = [&options] { Fixture f(options); };
  CHECK_NOTHROW(open());
  options.encryption.customer_key = kKey;
  CHECK_THROWS_AS(open(), Error);
}

}  // namespace
