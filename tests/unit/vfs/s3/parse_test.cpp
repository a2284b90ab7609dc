#include "vfs/s3/parse.hpp"

#include <string>

#include "tests/support/catch.hpp"

namespace {

using namespace cairn::vfs;

net::Request post() {
  return {.method = "POST"};
}

/// As MinIO sends it: encoding-type=url, spaces as '+', quotes as entities.
constexpr const char* kMinioList =
    R"(<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><Prefix></Prefix><KeyCount>3</KeyCount>)"
    R"(<MaxKeys>2</MaxKeys><Delimiter>%2F</Delimiter><IsTruncated>true</IsTruncated><NextContinuationToken>dG9r</NextContinuationToken>)"
    R"(<Contents><Key>a+b%2Bc%C3%A9</Key><LastModified>2026-02-12T20:12:48.500Z</LastModified><ETag>&#34;0cc175b9c0f1b6a831c399e269772661&#34;</ETag>)"
    R"(<Size>5368709121</Size><StorageClass>STANDARD</StorageClass></Contents><CommonPrefixes><Prefix>dir+1/</Prefix></CommonPrefixes>)"
    R"(<EncodingType>url</EncodingType></ListBucketResult>)";

TEST_CASE("a page of a list is read with its encoding", "[s3][parse]") {
  const auto page = s3::parse_list_page(kMinioList);

  REQUIRE(page.has_value());
  REQUIRE(page->entries.size() == 2);
  const FileInfo& file = page->entries[0];
  CHECK(file.path.string() == "a b+c\xc3\xa9");
  CHECK(file.type == FileType::file);
  CHECK(file.size == 5368709121U);
  CHECK(file.etag == "\"0cc175b9c0f1b6a831c399e269772661\"");
  CHECK(file.modified == TimePoint{std::chrono::milliseconds{1770927168500}});
  CHECK(page->entries[1].path.string() == "dir 1/");
  CHECK(page->entries[1].type == FileType::directory);
  CHECK(page->next_page_token == "dG9r");
}

TEST_CASE("names are decoded only where the server says that it has encoded them", "[s3][parse]") {
  // versitygw ignores encoding-type
  const auto page = s3::parse_list_page(
      "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a+b%20c&amp;d</Key>"
      "<Size>1</Size></Contents></ListBucketResult>");

  REQUIRE(page.has_value());
  CHECK(page->entries.at(0).path.string() == "a+b%20c&d");
  CHECK(page->next_page_token.empty());
}

TEST_CASE("a list that goes on but does not say how is no list", "[s3][parse]") {
  CHECK_FALSE(
      s3::parse_list_page("<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>")
          .has_value());
  CHECK_FALSE(s3::parse_list_page("<html><body>Welcome</body></html>").has_value());
  CHECK_FALSE(s3::parse_list_page("").has_value());
}

TEST_CASE("an error is read from its body", "[s3][parse]") {
  const net::Response response{
      .status = 400,
      .body =
          "<?xml version=\"1.0\"?><Error><Code>AuthorizationHeaderMalformed</Code>"
          "<Message>wrong &lt;region&gt;</Message><Region>eu-west-3</Region></Error>"};

  const auto error = s3::examine({}, response);

  REQUIRE(error.has_value());
  CHECK(error->code == "AuthorizationHeaderMalformed");
  CHECK(error->message == "wrong <region>");
  CHECK(error->region == "eu-west-3");
}

TEST_CASE("an error without a body is known by its status and headers", "[s3][parse]") {
  net::Response response{.status = 301};
  response.headers.add("x-amz-bucket-region", "eu-west-3");

  const auto error = s3::examine({.method = "HEAD"}, response);

  REQUIRE(error.has_value());
  CHECK(error->code == "PermanentRedirect");
  CHECK(error->region == "eu-west-3");
}

TEST_CASE("a 200 can hold an error", "[s3][parse]") {
  const net::Response failed{
      .status = 200,
      .body = "\n\n<?xml version=\"1.0\"?>\n<Error><Code>InternalError</Code></Error>"};
  const net::Response good{.status = 200, .body = "<CopyObjectResult/>"};
  net::Request copy{.method = "PUT"};
  copy.headers.add("x-amz-copy-source", "b/k");

  CHECK(s3::examine(post(), failed)->code == "InternalError");
  CHECK(s3::examine(copy, failed)->code == "InternalError");
  CHECK_FALSE(s3::examine(copy, good).has_value());
}

TEST_CASE("a 200 whose body is not the answer that is due is an error", "[s3][parse]") {
  for (const char* body : {"", "<html/>", "<CompleteMultipartUploadRes", "ok"}) {
    const auto error = s3::examine(post(), {.status = 200, .body = body});
    REQUIRE(error.has_value());
    CHECK(error->code == "MalformedResponse");
  }
}

TEST_CASE("a success without what S3 always sends is none", "[s3][parse]") {
  const std::string object = "https://b.example/k";
  net::Headers facts;
  facts.add("ETag", "\"e\"");
  facts.add("Content-Length", "0");
  net::Headers no_length;
  no_length.add("ETag", "\"e\"");

  for (const char* method : {"PUT", "HEAD", "GET"}) {
    const net::Request request{.method = method, .url = object};
    CHECK(s3::examine(request, {.status = 200})->code == "MalformedResponse");
    CHECK_FALSE(s3::examine(request, {.status = 200, .headers = facts}).has_value());
  }
  const net::Request part{.method = "PUT", .url = object + "?partNumber=1&uploadId=u"};
  CHECK(s3::examine(part, {.status = 200})->code == "MalformedResponse");
  const net::Request head{.method = "HEAD", .url = object};
  CHECK(s3::examine(head, {.status = 200, .headers = no_length})->code == "MalformedResponse");
  net::Response range{.status = 206, .received = 3};
  CHECK(s3::examine({.url = object}, range)->code == "MalformedResponse");
  range.headers = facts;
  CHECK_FALSE(s3::examine({.url = object}, range).has_value());
  CHECK_FALSE(s3::examine({.method = "HEAD", .url = "https://b.example/"}, {.status = 200}));
  CHECK_FALSE(s3::examine({.method = "DELETE", .url = object}, {.status = 204}));
}

TEST_CASE("a page of a list that was cut short is no page", "[s3][parse]") {
  const net::Request list{.url = "https://b.example/?list-type=2&prefix=a"};

  for (const char* body : {"", "<ListBucketResult><Contents></Contents>", "<html></html>"}) {
    CHECK(s3::examine(list, {.status = 200, .body = body})->code == "MalformedResponse");
  }
  for (const char* body : {"<ListBucketResult/>", "<ListBucketResult></ListBucketResult>\n"}) {
    CHECK_FALSE(s3::examine(list, {.status = 200, .body = body}));
  }
  CHECK(s3::examine(list, {.status = 200, .body = "<Error><Code>SlowDown</Code></Error>"})->code ==
        "SlowDown");
}

TEST_CASE("a file's facts are read from the headers", "[s3][parse]") {
  net::Headers headers;
  headers.add("Content-Length", "4");
  headers.add("Content-Range", "bytes 0-3/1000");
  headers.add("ETag", "\"abc\"");
  headers.add("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT");
  headers.add("Content-Type", "text/plain");
  headers.add("X-Amz-Meta-Owner", "me");
  headers.add("x-amz-meta-cairn-op", "0123");
  headers.add("x-amz-version-id", "v7");

  const FileInfo info = s3::parse_info("k", headers);

  CHECK(info.size == 1000);
  CHECK(info.etag == "\"abc\"");
  CHECK(info.modified == TimePoint{std::chrono::seconds{784111777}});
  CHECK(info.content_type == "text/plain");
  CHECK(info.version == "v7");
  CHECK(info.metadata == Metadata{{"owner", "me"}});
}

TEST_CASE("the errors of a bulk delete are read key by key", "[s3][parse]") {
  const auto errors = s3::parse_delete_errors(
      "<DeleteResult><Deleted><Key>a</Key></Deleted><Error><Key>b&amp;c</Key>"
      "<Code>AccessDenied</Code><Message>no</Message></Error></DeleteResult>");

  REQUIRE(errors.size() == 1);
  CHECK(errors[0].key == "b&c");
  CHECK(errors[0].code == "AccessDenied");
  CHECK(errors[0].message == "no");
}

}  // namespace
