// Signed URLs, versions and unfinished uploads, behind a scripted server.
#include "vfs/powers.hpp"

#include <string>

#include "tests/support/catch.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/scripted_transport.hpp"
#include "vfs/context.hpp"
#include "vfs/file_system.hpp"
#include "vfs/s3/store.hpp"

namespace {

using namespace cairn;
using namespace cairn::vfs;
using test::Answer;
using test::code_of;
using test::ScriptedTransport;

S3Options example_keys() {
  return {.access_key_id = "AKIDEXAMPLE",
          .secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
          .region = "eu-west-3"};
}

/// The file system of s3://bkt behind a script.
struct Fixture {
  explicit Fixture(std::vector<Answer> script, const S3Options& options = example_keys())
      : transport(std::make_shared<ScriptedTransport>(std::move(script))),
        files(make_s3_store_on(Url::parse("s3://bkt"),
                               test::scripted_services(transport, {.s3 = options})),
              Context::make()) {}

  std::shared_ptr<ScriptedTransport> transport;
  FileSystem files;
};

// The URLs are what botocore.auth.S3SigV4QueryAuth makes on 2026-02-12 at 00:00, when the clock of
// the tests begins.
TEST_CASE("a signed URL is the one that botocore makes", "[s3][sign]") {
  const std::string scope =
      "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20260212%2Feu-west-3%2Fs3"
      "%2Faws4_request&X-Amz-Date=20260212T000000Z&X-Amz-Expires=";
  Fixture f({});

  CHECK(f.files.sign("a b/c", {.expires = std::chrono::seconds(60)}).reveal() ==
        "https://bkt.s3.eu-west-3.amazonaws.com/a%20b/c" + scope +
            "60&X-Amz-SignedHeaders=host&X-Amz-Signature="
            "7db4e843e2bd8db9efe8771988fe7eb17324239c3ef052ef2c97ea8147ad5a01");
  CHECK(f.files
            .sign("k", {.method = SignMethod::put, .content_type = "text/plain", .if_absent = true})
            .reveal() ==
        "https://bkt.s3.eu-west-3.amazonaws.com/k" + scope +
            "3600&X-Amz-SignedHeaders=content-type%3Bhost%3Bif-none-match&X-Amz-Signature="
            "00bfcb995454e1193d98943566f97d366a2072698b5a0ac1996aaad4a9b82209");
  CHECK(f.transport->requests().empty());
}

TEST_CASE("a session token and a version are part of what is signed", "[s3][sign]") {
  S3Options options = example_keys();
  options.session_token = "to/k+en==";
  Fixture f({}, options);

  const Secret url = f.files.sign("k", {.expires = std::chrono::days(7), .version = "v/1"});

  CHECK(url.reveal() ==
        "https://bkt.s3.eu-west-3.amazonaws.com/k?versionId=v%2F1&X-Amz-Algorithm=AWS4-HMAC-SHA256"
        "&X-Amz-Credential=AKIDEXAMPLE%2F20260212%2Feu-west-3%2Fs3%2Faws4_request"
        "&X-Amz-Date=20260212T000000Z&X-Amz-Expires=604800&X-Amz-SignedHeaders=host"
        "&X-Amz-Security-Token=to%2Fk%2Ben%3D%3D&X-Amz-Signature="
        "3d91b57178495bc5b72c9610017c84f6dede8e437979e2e0a23bca85b01fc98e");
}

TEST_CASE("what can't be signed is refused", "[s3][sign]") {
  Fixture f({});
  CHECK(code_of([&] { static_cast<void>(f.files.sign("k", {.expires = std::chrono::days(8)})); }) ==
        ErrorCode::invalid_argument);
  CHECK(code_of([&] { static_cast<void>(f.files.sign("k", {.expires = {}})); }) ==
        ErrorCode::invalid_argument);
  CHECK(code_of([&] { static_cast<void>(f.files.sign("dir/")); }) == ErrorCode::is_a_directory);
  Fixture nobody({}, {.region = "eu-west-3", .anonymous = true});
  CHECK(code_of([&] { static_cast<void>(nobody.files.sign("k")); }) == ErrorCode::unauthenticated);
}

TEST_CASE("stores without a power say so", "[powers]") {
  const FileSystem files = FileSystem::open("memory://powers");
  CHECK(code_of([&] { static_cast<void>(files.sign("k")); }) == ErrorCode::unsupported);
  CHECK(code_of([&] { static_cast<void>(files.list_versions("")); }) == ErrorCode::unsupported);
  CHECK(code_of([&] { static_cast<void>(files.list_uploads("")); }) == ErrorCode::unsupported);
  CHECK(code_of([&] { static_cast<void>(files.read("k", {.version = "v"})); }) ==
        ErrorCode::unsupported);
}

TEST_CASE("versions and delete markers are listed page by page, the latest first",
          "[s3][versions]") {
  Fixture f({{.body = "<ListVersionsResult><EncodingType>url</EncodingType>"
                      "<IsTruncated>true</IsTruncated><NextKeyMarker>a%2Bb</NextKeyMarker>"
                      "<NextVersionIdMarker>v1</NextVersionIdMarker>"
                      "<Version><Key>a%2Bb</Key><VersionId>v1</VersionId><IsLatest>false</IsLatest>"
                      "<Size>3</Size></Version></ListVersionsResult>"},
             {.body = "<ListVersionsResult><EncodingType>url</EncodingType>"
                      "<DeleteMarker><Key>a%2Bb</Key><VersionId>v2</VersionId>"
                      "<IsLatest>true</IsLatest></DeleteMarker>"
                      "<Version><Key>a%2Bbc</Key><VersionId>x</VersionId></Version>"
                      "</ListVersionsResult>"}});

  const auto versions = f.files.list_versions("a+b");

  REQUIRE(versions.size() == 2);
  CHECK(versions[0].info.version == "v2");
  CHECK(versions[0].removed);
  CHECK(versions[1].info.path == Path("a+b"));
  CHECK(versions[1].info.size == 3);
  CHECK(f.transport->requests().at(1).url ==
        "https://bkt.s3.eu-west-3.amazonaws.com/?encoding-type=url&key-marker=a%2Bb&max-keys=1000"
        "&prefix=a%2Bb&version-id-marker=v1&versions=");
}

std::string upload_xml(const std::string& key, const std::string& id, const std::string& started) {
  return "<Upload><Key>" + key + "</Key><UploadId>" + id + "</UploadId><Initiated>" + started +
         "</Initiated><Initiator><DisplayName>me</DisplayName></Initiator></Upload>";
}

Answer upload_page(const std::string& uploads) {
  return {.headers = {{"Date", "Thu, 12 Feb 2026 12:00:00 GMT"}},
          .body = "<ListMultipartUploadsResult>" + uploads + "</ListMultipartUploadsResult>"};
}

TEST_CASE("only uploads below the path and older than the age are removed", "[s3][uploads]") {
  Fixture f({upload_page(upload_xml("run/old", "u1", "2026-02-12T10:59:59Z") +
                         upload_xml("run/young", "u2", "2026-02-12T11:00:01Z") +
                         upload_xml("run2/old", "u3", "2026-02-01T00:00:00Z")),
             {.status = 204}});

  const auto removed = f.files.remove_stale_uploads("run", std::chrono::hours(1));

  REQUIRE(removed.size() == 1);
  CHECK(removed[0].path == Path("run/old"));
  CHECK(removed[0].initiator == "me");
  const auto requests = f.transport->requests();
  REQUIRE(requests.size() == 2);
  CHECK(requests[1].method == "DELETE");
  CHECK(requests[1].url == "https://bkt.s3.eu-west-3.amazonaws.com/run/old?uploadId=u1");
}

TEST_CASE("an upload that ended meanwhile is no error", "[s3][uploads]") {
  Fixture f({upload_page(upload_xml("k", "u", "2026-02-01T00:00:00Z")),
             {.status = 404, .body = "<Error><Code>NoSuchUpload</Code></Error>"}});
  CHECK(f.files.remove_stale_uploads("", std::chrono::hours(1)).size() == 1);
}

TEST_CASE("an upload whose age is not told is never removed", "[s3][uploads]") {
  Fixture f({upload_page(upload_xml("k", "u", "yesterday"))});
  CHECK(code_of([&] { f.files.remove_stale_uploads("", std::chrono::hours(1)); }) ==
        ErrorCode::corrupt);
}

TEST_CASE("reads of a version ask for that version", "[s3][versions]") {
  Fixture f({{.status = 206,
              .headers = {{"Content-Range", "bytes 0-2/3"}, {"ETag", "\"e\""}},
              .body = "abc"}});

  CHECK(f.files.read_text("k", {.version = "v 1"}) == "abc");

  CHECK(f.transport->requests().at(0).url ==
        "https://bkt.s3.eu-west-3.amazonaws.com/k?versionId=v%201");
}

TEST_CASE("a version that is a delete marker is an absent file", "[s3][versions]") {
  Fixture f({{.status = 405, .headers = {{"x-amz-delete-marker", "true"}}}});
  CHECK_FALSE(f.files.stat_version("k", "v").has_value());
}

}  // namespace
