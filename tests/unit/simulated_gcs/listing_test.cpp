// JSON API: objects list. https://cloud.google.com/storage/docs/json_api/v1/objects/list
#include "tests/support/catch.hpp"
#include "tests/unit/simulated_gcs/cloud.hpp"

namespace {

using namespace cairn::test;

Json list(Cloud& cloud, const std::string& query) {
  return json_of(cloud.send("GET", "/storage/v1/b/bkt/o?" + query));
}

std::vector<std::string> names(const Json& page) {
  std::vector<std::string> found;
  for (const Json& item : page.value("items", Json::array())) found.push_back(item["name"]);
  return found;
}

using Names = std::vector<std::string>;

TEST_CASE("a list has the objects in the order of their names", "[simulated_gcs]") {
  Cloud cloud;
  for (const char* name : {"b", "a%2Fx", "a", "%C3%A9"}) cloud.insert(name, "x");

  const Json page = list(cloud, "");

  CHECK(page["kind"] == "storage#objects");
  CHECK(names(page) == Names{"a", "a/x", "b", "\xC3\xA9"});
  CHECK_FALSE(page.contains("prefixes"));
}

TEST_CASE("an empty list has no items at all", "[simulated_gcs]") {
  Cloud cloud;

  CHECK(list(cloud, "prefix=x") == Json{{"kind", "storage#objects"}});
}

TEST_CASE("a delimiter makes prefixes of what lies deeper", "[simulated_gcs]") {
  Cloud cloud;
  for (const char* name : {"d%2Fa", "d%2Fb%2Fc", "d%2Fb%2Fd", "e"}) cloud.insert(name, "x");

  const Json page = list(cloud, "prefix=d%2F&delimiter=%2F");

  CHECK(names(page) == Names{"d/a"});
  CHECK(page["prefixes"] == Json{"d/b/"});
}

TEST_CASE("items and prefixes fill a page together", "[simulated_gcs]") {
  Cloud cloud;
  for (const char* name : {"a", "b%2F1", "b%2F2", "c", "d%2F1"}) cloud.insert(name, "x");

  const Json first = list(cloud, "delimiter=%2F&maxResults=2");
  const std::string token = sim::encode(first["nextPageToken"].get<std::string>());
  const Json second = list(cloud, "delimiter=%2F&maxResults=2&pageToken=" + token);

  CHECK(names(first) == Names{"a"});
  CHECK(first["prefixes"] == Json{"b/"});
  CHECK(names(second) == Names{"c"});
  CHECK(second["prefixes"] == Json{"d/"});
  CHECK_FALSE(second.contains("nextPageToken"));
}

TEST_CASE("the offsets bound the names, the end excluded", "[simulated_gcs]") {
  Cloud cloud;
  for (const char* name : {"a", "b", "c", "d"}) cloud.insert(name, "x");

  CHECK(names(list(cloud, "startOffset=b&endOffset=d")) == Names{"b", "c"});
}

TEST_CASE("includeTrailingDelimiter lists a marker as an item, too", "[simulated_gcs]") {
  Cloud cloud;
  for (const char* name : {"d%2F", "d%2Fa"}) cloud.insert(name, "x");

  CHECK(names(list(cloud, "delimiter=%2F")).empty());
  const Json page = list(cloud, "delimiter=%2F&includeTrailingDelimiter=true");
  CHECK(names(page) == Names{"d/"});
  CHECK(page["prefixes"] == Json{"d/"});
}

TEST_CASE("fields of a list cut its items", "[simulated_gcs]") {
  Cloud cloud;
  cloud.insert("a", "x");
  cloud.insert("b", "x");

  const Json page = list(cloud, "maxResults=1&fields=items(name,size)");
  const Json next = list(cloud, "maxResults=1&fields=items/name,nextPageToken");

  CHECK(page == Json::parse(R"({"items":[{"name":"a","size":"1"}]})"));
  CHECK(next["items"] == Json::parse(R"([{"name":"a"}])"));
  CHECK(next.contains("nextPageToken"));
}

TEST_CASE("a page token that nobody gave out is refused", "[simulated_gcs]") {
  Cloud cloud;

  CHECK(cloud.send("GET", "/storage/v1/b/bkt/o?pageToken=%21").status == 400);
}

}  // namespace
