// List Blobs, List Containers, Get Account Information, Get Container Properties.
#include <pugixml.hpp>

#include "tests/support/catch.hpp"
#include "tests/unit/simulated_azure/client.hpp"

namespace {

using namespace cairn;
using namespace cairn::test;

using Names = std::vector<std::string>;

sim::Reply list(Client& client, const std::string& more = {}) {
  return client.ask({.target = "/bkt?restype=container&comp=list" + more});
}

/// All pages; names of blobs, and of prefixes with a '*' before them.
Names list_all(Client& client, const std::string& more, int* pages = nullptr) {
  Names names;
  std::string marker;
  do {
    const auto reply = list(client, more + (marker.empty() ? "" : "&marker=" + marker));
    pugi::xml_document document;
    REQUIRE(document.load_buffer(reply.body.data(), reply.body.size()));
    const auto root = document.child("EnumerationResults");
    for (const auto& node : root.child("Blobs").children()) {
      const bool prefix = std::string(node.name()) == "BlobPrefix";
      names.push_back((prefix ? "*" : "") + std::string(node.child("Name").text().get()));
    }
    marker = root.child("NextMarker").text().get();
    if (pages != nullptr) ++*pages;
  } while (!marker.empty());
  return names;
}

Client with(const Names& names, azure::ServerOptions options = {}) {
  Client client(std::move(options));
  for (const std::string& name : names) client.put(sim::encode(name, "/"), "stones");
  return client;
}

TEST_CASE("a list has names in order, sizes, and etags without quotes", "[simulated_azure]") {
  Client client = with({"b", "a/c", "a b"});

  const auto reply = list(client);

  CHECK(reply.status == 200);
  CHECK(elements(reply.body, "Name") == Names{"a b", "a/c", "b"});
  CHECK(elements(reply.body, "Content-Length") == Names{"6", "6", "6"});
  CHECK("\"" + elements(reply.body, "Etag").at(2) + "\"" == client.server().etag("b"));
  CHECK(elements(reply.body, "Content-MD5").at(0) == "piUeQhQNvpzTLWGZx0mKvQ==");
  CHECK(reply.body.find("<NextMarker />") != std::string::npos);
}

TEST_CASE("a prefix and a delimiter make blobs and prefixes, mixed", "[simulated_azure]") {
  Client client = with({"d/a", "d/b/1", "d/b/2", "d/c", "e"});

  CHECK(list_all(client, "&prefix=d%2F&delimiter=%2F") == Names{"d/a", "*d/b/", "d/c"});
  CHECK(list_all(client, "&delimiter=%2F") == Names{"*d/", "e"});
}

TEST_CASE("pages hold what maxresults allows, prefixes counted", "[simulated_azure]") {
  Client client = with({"a/1", "a/2", "b", "c/1", "d"});
  int pages = 0;

  CHECK(list_all(client, "&delimiter=%2F&maxresults=2", &pages) == Names{"*a/", "b", "*c/", "d"});
  CHECK(pages == 2);
}

TEST_CASE("a server may answer with fewer entries, even none, and a marker", "[simulated_azure]") {
  Client client = with({"a", "b", "c"}, {.page = 2, .empty_pages = true});
  int pages = 0;

  CHECK(list_all(client, "", &pages) == Names{"a", "b", "c"});
  CHECK(pages == 4);
}

TEST_CASE("maxresults of nothing, a marker of its own and unknown sets are refused",
          "[simulated_azure]") {
  Client client;

  CHECK(code_of(list(client, "&maxresults=0")) == "OutOfRangeInput");
  CHECK(list(client, "&marker=b").status == 400);
  CHECK(list(client, "&include=everything").status == 400);
}

TEST_CASE("metadata are in a list if they are asked for", "[simulated_azure]") {
  Client client;
  static_cast<void>(client.ask({.method = "PUT",
                                .target = "/bkt/file",
                                .headers = {{"x-ms-blob-type", "BlockBlob"}, {"x-ms-meta-a", "1"}},
                                .body = "stones"}));

  CHECK(elements(list(client, "&include=metadata").body, "Metadata") == Names{"<a>1</a>"});
  CHECK(elements(list(client).body, "Metadata").empty());
}

TEST_CASE("a name that XML cannot carry comes encoded, and says so", "[simulated_azure]") {
  Client client = with({"a\x01 b", "d&<e"});

  const auto reply = list(client);

  CHECK(reply.body.find("<Name Encoded=\"true\">a%01%20b</Name>") != std::string::npos);
  CHECK(reply.body.find("<Name>d&amp;&lt;e</Name>") != std::string::npos);
}

TEST_CASE("a list begins with a byte order mark, or not", "[simulated_azure]") {
  Client with_mark = with({"a"});
  Client without = with({"a"}, {.byte_order_mark = false});

  CHECK(list(with_mark).body.substr(0, 5) == "\xEF\xBB\xBF<?");
  CHECK(list(without).body.substr(0, 5) == "<?xml");
}

TEST_CASE("blocks that nobody committed are in no list", "[simulated_azure]") {
  Client client;
  static_cast<void>(client.ask(
      {.method = "PUT", .target = "/bkt/file?comp=block&blockid=QUFBQQ%3D%3D", .body = "stones"}));

  CHECK(list_all(client, "").empty());
}

TEST_CASE("an account says what it is", "[simulated_azure]") {
  Client flat;
  Client tree({.hierarchical = true});
  const Ask ask{.method = "HEAD", .target = "/?restype=account&comp=properties"};

  CHECK(header_of(flat.ask(ask), "x-ms-is-hns-enabled") == "false");
  CHECK(header_of(tree.ask(ask), "x-ms-is-hns-enabled") == "true");
  CHECK(header_of(flat.ask(ask), "x-ms-account-kind") == "StorageV2");
  CHECK(flat.ask({.target = "/bkt?restype=account&comp=properties"}).status == 200);
}

TEST_CASE("containers are listed, and one by one", "[simulated_azure]") {
  Client client;

  const auto listed = client.ask({.target = "/?comp=list"}).body;
  CHECK(elements(listed, "Name") == Names{"bkt"});
  CHECK(elements(listed, "LeaseState") == Names{"available"});
  CHECK(client.ask({.method = "HEAD", .target = "/bkt?restype=container"}).status == 200);
  const auto other = client.ask({.method = "HEAD", .target = "/other?restype=container"});
  CHECK(other.status == 404);
  CHECK(code_of(other) == "ContainerNotFound");
}

}  // namespace
