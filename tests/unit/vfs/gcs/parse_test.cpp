// Lists of objects, as the JSON API writes them.
// https://cloud.google.com/storage/docs/json_api/v1/objects/list
#include "vfs/gcs/parse.hpp"

#include <string>

#include "tests/support/catch.hpp"

namespace {

using namespace cairn::vfs;

std::string list_of(const std::string& members) {
  return "{\"kind\":\"storage#objects\"" + members + "}";
}

TEST_CASE("a list of objects has files and directories in one order", "[gcs][parse]") {
  const auto page = gcs::parse_list_page(R"({
    "kind": "storage#objects",
    "nextPageToken": "CgFh",
    "prefixes": ["a/", "c\u00fc/"],
    "items": [
      {"kind": "storage#object", "id": "bkt/b/1", "name": "b", "bucket": "bkt",
       "generation": "1770854400000000", "metageneration": "1", "contentType": "text/plain",
       "storageClass": "NEARLINE", "size": "42", "crc32c": "4waSgw==",
       "owner": {"entity": "user", "list": [1, {"name": "no"}, null, true]},
       "metadata": {"Owner": "me \"x\"", "cairn-op": "t1"},
       "updated": "2026-02-12T00:00:01.000Z"},
      {"name": "d\ud83d\ude80", "size": "0", "storageClass": "STANDARD"}
    ]})");

  REQUIRE(page);
  REQUIRE(page->entries.size() == 4);
  CHECK(page->next_page_token == "CgFh");
  CHECK(page->entries[0].path == Path("a/"));
  CHECK(page->entries[0].type == FileType::directory);
  const FileInfo& file = page->entries[1];
  CHECK(file.path == Path("b"));
  CHECK(file.size == 42);
  CHECK(file.etag == "1770854400000000");
  CHECK(file.version == file.etag);
  CHECK(file.content_type == "text/plain");
  CHECK(file.storage_class == "NEARLINE");
  CHECK(file.metadata == Metadata{{"owner", "me \"x\""}});
  CHECK(file.modified.time_since_epoch() == std::chrono::seconds(1770854401));
  CHECK(file.checksum == Checksum{ChecksumType::crc32c, 0xe3069283});  // of "123456789"
  CHECK(page->entries[2].path == Path("c\xc3\xbc/"));
  CHECK(page->entries[3].path == Path("d\xf0\x9f\x9a\x80"));
  CHECK(page->entries[3].storage_class.empty());
}

TEST_CASE("a page of objects may be empty and not the last one", "[gcs][parse]") {
  const auto page = gcs::parse_list_page(list_of(",\"nextPageToken\":\"t\""));
  REQUIRE(page);
  CHECK(page->entries.empty());
  CHECK(page->next_page_token == "t");
}

TEST_CASE("what is no list of objects is none", "[gcs][parse]") {
  for (const std::string& text :
       {std::string(), std::string("[]"), std::string("{}"),
        std::string("{\"kind\":\"storage#object\"}"), list_of("") + "x", list_of(",\"items\":{}"),
        list_of(",\"items\":[1]"), list_of(",\"items\":[\"a\"]"), list_of(",\"items\":[{}]"),
        list_of(",\"items\":[{\"name\":7}]"), list_of(",\"items\":[{\"name\":\"a\",\"size\":1}]"),
        list_of(",\"items\":[{\"name\":\"a\",\"metadata\":[]}]"),
        list_of(",\"items\":[{\"name\":\"a\"}"), list_of(",\"prefixes\":[{}]"),
        list_of(",\"prefixes\":\"a/\""), list_of(",\"nextPageToken\":7"),
        list_of(",\"x\":" + std::string(40, '[') + std::string(40, ']')),
        list_of(",\"prefixes\":[\"\\ud83d\"]")}) {
    CAPTURE(text);
    CHECK_FALSE(gcs::parse_list_page(text));
  }
}

}  // namespace
