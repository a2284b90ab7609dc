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

}  // namespace
