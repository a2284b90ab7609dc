#include "vfs/azure/parse.hpp"

#include <string>

#include "tests/support/catch.hpp"
#include "tests/support/contains.hpp"

namespace {

using namespace cairn::vfs;
using cairn::test::contains;

// The answers are shaped as learn.microsoft.com/rest/api/storageservices shows them.

std::string list_of(const std::string& blobs, const std::string& marker = {}) {
  return "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<EnumerationResults "
         "ServiceEndpoint=\"https://a.blob.core.windows.net/\" ContainerName=\"c\"><Blobs>" +
         blobs + "</Blobs><NextMarker>" + marker + "</NextMarker></EnumerationResults>";
}

std::string blob(const std::string& name, const std::string& more = {}) {
  return "<Blob><Name>" + name +
         "</Name><Properties><Last-Modified>Wed, 09 Sep 2009 09:20:02 GMT</Last-Modified>"
         "<Etag>0x8CBFF45D8A29A19</Etag><Content-Length>100</Content-Length>"
         "<Content-Type>text/html</Content-Type><BlobType>BlockBlob</BlobType>"
         "<AccessTier>Hot</AccessTier><AccessTierInferred>true</AccessTierInferred></Properties>" +
         more + "</Blob>";
}

net::Response answer(int status, std::vector<std::pair<std::string, std::string>> headers,
                     std::string body = {}) {
  net::Response response{.status = status, .body = std::move(body)};
  for (const auto& [name, value] : headers) response.headers.add(name, value);
  return response;
}

TEST_CASE("a list of blobs has names, sizes, etags in quotes and times", "[azure][parse]") {
  const auto page = azure::parse_list_page(
      list_of(blob("a/1", "<Metadata><Color>blue</Color><cairn_op>t</cairn_op></Metadata>") +
                  "<BlobPrefix><Name>b/</Name></BlobPrefix>",
              "2!68!next"));

  REQUIRE(page);
  REQUIRE(page->entries.size() == 2);
  const FileInfo& file = page->entries[0];
  CHECK(file.path == Path("a/1"));
  CHECK(file.size == 100);
  CHECK(file.etag == "\"0x8CBFF45D8A29A19\"");
  CHECK(file.content_type == "text/html");
  CHECK(file.storage_class.empty());
  CHECK(file.metadata == Metadata{{"color", "blue"}});
  CHECK(file.modified == TimePoint(std::chrono::seconds(1252488002)));
  CHECK(page->entries[1].path == Path("b/"));
  CHECK(page->entries[1].type == FileType::directory);
  CHECK(page->next_page_token == "2!68!next");
}

TEST_CASE("a page may be empty and not the last one", "[azure][parse]") {
  const auto page = azure::parse_list_page(list_of("", "marker"));

  REQUIRE(page);
  CHECK(page->entries.empty());
  CHECK(page->next_page_token == "marker");
}

TEST_CASE("names that XML can't hold come encoded", "[azure][parse]") {
  const auto page = azure::parse_list_page(
      list_of("<Blob><Name Encoded=\"true\">a%EF%BF%BE+b</Name><Properties/></Blob>" +
              blob("100%25") + blob("a&amp;b &lt;c&gt;")));

  REQUIRE(page);
  CHECK(page->entries[0].path == Path("a\xef\xbf\xbe+b"));
  CHECK(page->entries[1].path == Path("100%25"));
  CHECK(page->entries[2].path == Path("a&b <c>"));
}

TEST_CASE("blobs that mark directories are told from files", "[azure][parse]") {
  const auto page = azure::parse_list_page(
      list_of(blob("d", "<Metadata><hdi_isfolder>true</hdi_isfolder></Metadata>") +
              blob("e", "<Metadata><Hdi_isfolder>True</Hdi_isfolder></Metadata>") +
              "<Blob><Name>f</Name><Properties><ResourceType>directory</ResourceType>"
              "</Properties></Blob>" +
              blob("g", "<Metadata><hdi_isfolder>false</hdi_isfolder></Metadata>")));

  REQUIRE(page);
  CHECK(page->entries[0].path == Path("d/"));
  CHECK(page->entries[1].path == Path("e/"));
  CHECK(page->entries[2].path == Path("f/"));
  CHECK(page->entries[3].path == Path("g"));
}

TEST_CASE("what a list tells beyond what is known is passed over", "[azure][parse]") {
  const auto page = azure::parse_list_page(
      list_of("<Blob><Snapshot>x</Snapshot><Name>a</Name><Deleted/><Properties><Owner>o</Owner>"
              "<Content-Length>7</Content-Length><Acl><User>u</User></Acl></Properties>"
              "<OrMetadata/><Tags><TagSet><Tag><Key>k</Key></Tag></TagSet></Tags></Blob>"
              "<BlobPrefix><Name>d/</Name><Properties><ResourceType>directory</ResourceType>"
              "</Properties></BlobPrefix>"));

  REQUIRE(page);
  REQUIRE(page->entries.size() == 2);
  CHECK(page->entries[0].path == Path("a"));
  CHECK(page->entries[0].size == 7);
  CHECK(page->entries[1].path == Path("d/"));
}

TEST_CASE("what is no list is none", "[azure][parse]") {
  for (const char* text : {"", "<html/>", "<EnumerationResults/>", "<EnumerationResults><Blobs>"}) {
    CHECK_FALSE(azure::parse_list_page(text));
  }
  for (const char* blobs :
       {"<Blob/>", "<Blob><Name/></Blob>", "<Blob><Name>a<b/></Name></Blob>",
        "<Blob></Name></Blob>", "<BlobPrefix><Properties/></BlobPrefix>", "<!DOCTYPE a>"}) {
    CAPTURE(blobs);
    CHECK_FALSE(azure::parse_list_page(list_of(blobs)));
  }
}

TEST_CASE("a blob's head tells all of it", "[azure][parse]") {
  const auto response = answer(206, {{"Content-Range", "bytes 0-9/42"},
                                     {"Content-Length", "10"},
                                     {"ETag", "\"0x8D\""},
                                     {"Content-Type", "text/plain"},
                                     {"x-ms-access-tier", "Cool"},
                                     {"x-ms-version-id", "2026-02-12T00:00:00.0000000Z"},
                                     {"x-ms-meta-Run", "7"},
                                     {"x-ms-meta-cairn_op", "token"},
                                     {"x-ms-meta-cairn_crc64", "ae8b14860a799888-42"}});

  const FileInfo info = azure::parse_info("k", response.headers);

  CHECK(info.size == 42);
  CHECK(info.etag == "\"0x8D\"");
  CHECK(info.content_type == "text/plain");
  CHECK(info.storage_class == "Cool");
  CHECK(info.version == "2026-02-12T00:00:00.0000000Z");
  CHECK(info.metadata == Metadata{{"run", "7"}});
  CHECK(info.checksum == Checksum{ChecksumType::crc64nvme, 0xae8b14860a799888});
}

TEST_CASE("a checksum of another content counts for nothing", "[azure][parse]") {
  const auto checksum_of = [](const char* value) {
    return azure::parse_checksum(
        answer(200, {{"Content-Length", "9"}, {"x-ms-meta-cairn_crc64", value}}).headers);
  };

  CHECK(checksum_of("ae8b14860a799888-9"));
  for (const char* value : {"ae8b14860a799888-10", "ae8b14860a799888", "ae8b14860a79988-9", "-9",
                            "", "ae8b14860a799888-9x", "ge8b14860a799888-9"}) {
    CHECK_FALSE(checksum_of(value));
  }
}

TEST_CASE("an error is told by header, XML or JSON", "[azure][parse]") {
  const net::Request request{.method = "GET", .url = "https://a/c/k"};
  const auto by_header =
      azure::examine({.method = "HEAD"}, answer(404, {{"x-ms-error-code", "BlobNotFound"}}));
  CHECK(by_header->code == "BlobNotFound");

  const auto by_xml = azure::examine(
      request, answer(404, {},
                      "\xef\xbb\xbf<?xml version=\"1.0\"?><Error><Code>ContainerNotFound</Code>"
                      "<Message>The specified container does not exist.\nRequestId:1\nTime:2"
                      "</Message></Error>"));
  CHECK(by_xml->code == "ContainerNotFound");
  CHECK(by_xml->message == "The specified container does not exist.");

  const auto by_json = azure::examine(
      request,
      answer(409, {}, R"({"error":{"code":"PathAlreadyExists","message":"It is.\nX:1"}})"));
  CHECK(by_json->code == "PathAlreadyExists");
  CHECK(by_json->message == "It is.");

  CHECK(azure::examine(request, answer(412, {}))->code == "ConditionNotMet");
  CHECK(azure::examine(request, answer(503, {}, "<html/>"))->code.empty());
}

TEST_CASE("an emulator's word for bytes that were damaged is understood", "[azure][parse]") {
  // as Azurite 3.35 answers to a body that is not of its Content-MD5
  const auto error =
      azure::examine({.method = "PUT", .url = "https://a/c/k"},
                     answer(400, {{"x-ms-error-code", "InvalidOperation"}},
                            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error>"
                            "<Code>InvalidOperation</Code><Message>Provided "
                            "contentMD5 doesn't match.\nRequestId:1</Message></Error>"));

  CHECK(error->code == "Md5Mismatch");
}

TEST_CASE("a range that begins where the blob ends is none", "[azure][parse]") {
  // as Azurite 3.35 answers
  const auto error = azure::examine(
      {.url = "https://a/c/k"},
      answer(206, {{"Content-Range", "bytes 10-9/10"}, {"Content-Length", "0"}, {"ETag", "e"}}));

  REQUIRE(error);
  CHECK(error->code == "InvalidRange");
}

TEST_CASE("an expired signature is told, what was signed is not", "[azure][parse]") {
  const auto detail = [](const std::string& text) {
    return azure::examine({.url = "https://a/c/k"},
                          answer(403, {},
                                 "<Error><Code>AuthenticationFailed</Code><Message>No.</Message>"
                                 "<AuthenticationErrorDetail>" +
                                     text + "</AuthenticationErrorDetail></Error>"))
        ->message;
  };

  CHECK(
      contains(detail("Signature not valid in the specified time frame: Start [x]"), "time frame"));
  CHECK_FALSE(
      contains(detail("Signature did not match. String to sign used was canary"), "canary"));
}

TEST_CASE("a success that lacks what is due is none", "[azure][parse]") {
  const auto code = [](const net::Request& request, const net::Response& response) {
    const auto error = azure::examine(request, response);
    return error ? error->code : "success";
  };
  const net::Request put{.method = "PUT", .url = "https://a/c/k"};
  CHECK(code(put, answer(201, {})) == "MalformedResponse");
  CHECK(code(put, answer(201, {{"ETag", "\"e\""}})) == "success");
  const net::Request block{.method = "PUT", .url = "https://a/c/k?comp=block&blockid=x"};
  CHECK(code(block, answer(201, {})) == "MalformedResponse");
  CHECK(code(block, answer(201, {{"x-ms-request-id", "1"}})) == "success");
  const net::Request head{.method = "HEAD", .url = "https://a/c/k"};
  CHECK(code(head, answer(200, {{"ETag", "\"e\""}})) == "MalformedResponse");
  const net::Request list{.url = "https://a/c?restype=container&comp=list"};
  CHECK(code(list, answer(200, {}, "<EnumerationResults><Blobs>")) == "MalformedResponse");
  CHECK(code(list, answer(200, {}, list_of(""))) == "success");
}

}  // namespace
