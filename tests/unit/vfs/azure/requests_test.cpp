#include "vfs/azure/requests.hpp"

#include <string>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/contains.hpp"
#include "vfs/crypto/encoding.hpp"
#include "vfs/error.hpp"

namespace {

using namespace cairn::vfs;
using cairn::test::contains;

std::string text_of(const Body& body) {
  std::string text(body.size(), '\0');
  BodyReader(body).read(std::as_writable_bytes(std::span(text)));
  return text;
}

TEST_CASE("a key is encoded, but for its slashes", "[azure][requests]") {
  CHECK(azure::target("c", "a b/ü+%") == "/c/a%20b/%C3%BC%2B%25");
  CHECK(azure::target("c", "a//../b/") == "/c/a//../b/");
  CHECK(azure::target("c", {}, {{"restype", "container"}}) == "/c?restype=container");
  CHECK(azure::target("c", "k", {{"blockid", "a+/="}}) == "/c/k?blockid=a%2B%2F%3D");
}

TEST_CASE("a list is asked for by prefix, page by page", "[azure][requests]") {
  CHECK(
      azure::list_target("c", "run/", {.page_size = 10}) ==
      "/c?restype=container&comp=list&include=metadata&maxresults=10&prefix=run%2F&delimiter=%2F");
  CHECK(
      azure::list_target("c", {}, {.recursive = true, .page_size = 9999, .page_token = "2!8!x="}) ==
      "/c?restype=container&comp=list&include=metadata&maxresults=4000&marker=2%218%21x%3D");
}

TEST_CASE("what describes a blob goes into headers of its own", "[azure][requests]") {
  net::Headers headers;
  azure::add_description(headers, {.content_type = "text/plain",
                                   .metadata = {{"Run", "7"}},
                                   .cache_control = "no-cache",
                                   .storage_class = "Cool",
                                   .tags = {{"team", "a b"}, {"x", "1"}}});

  CHECK(headers.get("x-ms-blob-content-type") == "text/plain");
  CHECK(headers.get("x-ms-blob-cache-control") == "no-cache");
  CHECK(headers.get("x-ms-meta-run") == "7");
  CHECK(headers.get("x-ms-access-tier") == "Cool");
  CHECK(headers.get("x-ms-tags") == "team=a%20b&x=1");
  CHECK_FALSE(headers.find("content-type"));
}

TEST_CASE("metadata that Azure can't keep is refused before it is sent", "[azure][requests]") {
  for (const char* name : {"run-id", "7th", "", "a.b", "naïve", "a b"}) {
    net::Headers headers;
    CHECK_THROWS_AS(azure::add_description(headers, {.metadata = {{name, "v"}}}), Error);
  }
  net::Headers headers;
  CHECK_THROWS_AS(azure::add_description(headers, {.metadata = {{"a", "line\nbreak"}}}), Error);
  CHECK_THROWS_AS(azure::add_description(headers, {.content_type = "text/\r\nx: y"}), Error);
}

TEST_CASE("block names are equally long and those of one upload only", "[azure][requests]") {
  const std::string first = azure::block_id("0123456789abcdef0000", 0);
  const std::string last = azure::block_id("0123456789abcdef0000", 49'999);
  const std::string other = azure::block_id("fedcba98765432100000", 0);

  CHECK(first.size() == last.size());
  CHECK(first != last);
  CHECK(first != other);
  // Put Block: "at most 64 bytes" before it is encoded.
  CHECK(crypto::parse_base64(first)->size() <= 64);
}

TEST_CASE("a block list names the latest of each block", "[azure][requests]") {
  // The form is that of learn.microsoft.com/rest/api/storageservices/put-block-list
  CHECK(azure::block_list_xml(std::vector<std::string>{"AAAAAA==", "AQAAAA=="}) ==
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList><Latest>AAAAAA==</Latest>"
        "<Latest>AQAAAA==</Latest></BlockList>");
}

TEST_CASE("a batch is written as Microsoft's page shows it", "[azure][requests]") {
  net::Request one{.method = "DELETE", .url = "https://a.blob.core.windows.net/c/blob0"};
  one.headers.set("x-ms-date", "Thu, 14 Jun 2018 16:46:54 GMT");
  one.headers.set("authorization", "SharedKey a:G4jjBXA7LI/RnWKIOQ8i9xH4p76pAQ+4Fs4R1VxasaE=");

  const net::Request batch = azure::batch_request(std::vector{one}, "batch_357de4f7");

  CHECK(batch.method == "POST");
  CHECK(batch.headers.get("content-type") == "multipart/mixed; boundary=batch_357de4f7");
  CHECK(text_of(batch.body) ==
        "--batch_357de4f7\r\n"
        "Content-Type: application/http\r\n"
        "Content-Transfer-Encoding: binary\r\n"
        "Content-ID: 0\r\n"
        "\r\n"
        "DELETE /c/blob0 HTTP/1.1\r\n"
        "x-ms-date: Thu, 14 Jun 2018 16:46:54 GMT\r\n"
        "authorization: SharedKey a:G4jjBXA7LI/RnWKIOQ8i9xH4p76pAQ+4Fs4R1VxasaE=\r\n"
        "Content-Length: 0\r\n"
        "\r\n"
        "--batch_357de4f7--\r\n");
}

}  // namespace
