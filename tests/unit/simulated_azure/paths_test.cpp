// Data Lake Storage Gen2: paths at the dfs endpoint, and the same data at the blob endpoint.
#include "tests/support/catch.hpp"
#include "tests/unit/simulated_azure/client.hpp"

namespace {

using namespace cairn;
using namespace cairn::test;

using Headers = std::vector<std::pair<std::string, std::string>>;

Client tree(std::size_t page = 5000, std::size_t delete_page = 0) {
  return Client({.hierarchical = true, .page = page, .delete_page = delete_page});
}

sim::Reply create(Client& client, const std::string& path, const std::string& resource,
                  Headers headers = {}) {
  return client.ask_dfs({.method = "PUT",
                         .target = "/bkt/" + path + "?resource=" + resource,
                         .headers = std::move(headers)});
}

sim::Reply rename(Client& client, const std::string& from, const std::string& to,
                  Headers headers = {}) {
  headers.emplace_back("x-ms-rename-source", from);
  return client.ask_dfs({.method = "PUT", .target = "/bkt/" + to, .headers = std::move(headers)});
}

sim::Reply append(Client& client, const std::string& position, const std::string& bytes,
                  Headers headers = {}) {
  return client.ask_dfs({.method = "PATCH",
                         .target = "/bkt/file?action=append&position=" + position,
                         .headers = std::move(headers),
                         .body = bytes});
}

sim::Reply flush(Client& client, const std::string& position, Headers headers = {}) {
  return client.ask_dfs({.method = "PATCH",
                         .target = "/bkt/file?action=flush&position=" + position + "&close=true",
                         .headers = std::move(headers)});
}

sim::Reply list(Client& client, const std::string& more) {
  return client.ask_dfs({.target = "/bkt?resource=filesystem&recursive=" + more});
}

TEST_CASE("a file is created, appended to and flushed", "[simulated_azure]") {
  Client client = tree();

  CHECK(create(client, "file", "file", {{"x-ms-properties", "cairn_op=MDEyMw=="}}).status == 201);
  CHECK(append(client, "3", "nes").status == 202);
  const auto piece = append(client, "0", "sto", {{"x-ms-content-crc64", "AAAAAAAAAAA="}});
  CHECK(code_of(piece) == "Crc64Mismatch");
  CHECK(append(client, "0", "sto").status == 202);
  CHECK(client.content("file").empty());
  const auto reply = flush(client, "6");

  CHECK(reply.status == 200);
  CHECK(header_of(reply, "ETag") == client.server().etag("file"));
  CHECK(client.ask_dfs({.target = "/bkt/file"}).body == "stones");
  const auto blob = client.ask({.target = "/bkt/file"});
  CHECK(blob.body == "stones");
  CHECK(header_of(blob, "x-ms-meta-cairn_op") == "0123");
  CHECK(client.server().violations().empty());
}

TEST_CASE("a flush needs all bytes up to its position, and may come again", "[simulated_azure]") {
  Client client = tree();
  static_cast<void>(create(client, "file", "file"));
  static_cast<void>(append(client, "0", "sto"));
  static_cast<void>(append(client, "4", "es"));

  const auto gap = flush(client, "6");
  CHECK(gap.status == 400);
  CHECK(code_of(gap) == "InvalidFlushPosition");
  CHECK(flush(client, "5").status == 400);
  CHECK(client.server().leftovers() == 1);
  CHECK(flush(client, "3").status == 200);
  CHECK(flush(client, "3").status == 200);
  CHECK(client.content("file") == "sto");
}

TEST_CASE("a flush obeys If-Match", "[simulated_azure]") {
  Client client = tree();
  static_cast<void>(create(client, "file", "file"));
  static_cast<void>(append(client, "0", "sto"));

  const auto reply = flush(client, "3", {{"If-Match", "\"0x8D0\""}});

  CHECK(reply.status == 412);
  CHECK(code_of(reply) == "ConditionNotMet");
}

TEST_CASE("errors of dfs are JSON", "[simulated_azure]") {
  Client client = tree();

  const auto reply = client.ask_dfs({.target = "/bkt/file"});

  CHECK(reply.status == 404);
  CHECK(code_of(reply) == "PathNotFound");
  CHECK(
      reply.body ==
      R"({"error":{"code":"PathNotFound","message":"The specified path does not exist.\nRequestId:sim-1"}})");
}

TEST_CASE("a path that must be new is 409 PathAlreadyExists", "[simulated_azure]") {
  Client client = tree();
  static_cast<void>(create(client, "file", "file"));

  const auto reply = create(client, "file", "file", {{"If-None-Match", "*"}});

  CHECK(reply.status == 409);
  CHECK(code_of(reply) == "PathAlreadyExists");
  CHECK(create(client, "file", "file").status == 201);  // else it is written over
}

TEST_CASE("a file in the place of a directory, and below a file, is a conflict",
          "[simulated_azure]") {
  Client client = tree();
  static_cast<void>(create(client, "d", "directory"));
  static_cast<void>(create(client, "file", "file"));

  CHECK(code_of(create(client, "d", "file")) == "PathConflict");
  CHECK(code_of(create(client, "file/below", "file")) == "PathConflict");
  CHECK(create(client, "d", "directory").status == 201);
}

TEST_CASE("directories are real: made with files in them, and staying", "[simulated_azure]") {
  Client client = tree();
  client.put("a/b/file", "stones");
  static_cast<void>(client.ask({.method = "DELETE", .target = "/bkt/a/b/file"}));

  const auto reply = client.ask_dfs({.method = "HEAD", .target = "/bkt/a/b"});

  CHECK(reply.status == 200);
  CHECK(header_of(reply, "x-ms-resource-type") == "directory");
  CHECK(header_of(reply, "Content-Length") == "0");
}

TEST_CASE("the blob endpoint shows a directory as a blob with hdi_isfolder", "[simulated_azure]") {
  Client client = tree();
  static_cast<void>(create(client, "d", "directory"));
  client.put("d/file", "stones");

  const auto seen = client.ask({.method = "HEAD", .target = "/bkt/d"});
  CHECK(header_of(seen, "x-ms-meta-hdi_isfolder") == "true");
  CHECK(header_of(seen, "x-ms-resource-type") == "directory");
  const auto flat =
      client.ask({.target = "/bkt?restype=container&comp=list&include=metadata"}).body;
  CHECK(elements(flat, "Name") == std::vector<std::string>{"d", "d/file"});
  CHECK(elements(flat, "ResourceType") == std::vector<std::string>{"directory", "file"});
  const auto level = client.ask({.target = "/bkt?restype=container&comp=list&delimiter=%2F"}).body;
  CHECK(level.find("<BlobPrefix><Name>d/</Name>") != std::string::npos);
  CHECK(elements(level, "Name").size() == 1);
}

TEST_CASE("the blob endpoint deletes no directory that has something in it", "[simulated_azure]") {
  Client client = tree();
  client.put("d/file", "stones");
  const Ask ask{.method = "DELETE", .target = "/bkt/d"};

  const auto reply = client.ask(ask);
  static_cast<void>(client.ask({.method = "DELETE", .target = "/bkt/d/file"}));

  CHECK(reply.status == 409);
  CHECK(code_of(reply) == "DirectoryIsNotEmpty");
  CHECK(client.ask(ask).status == 202);
}

TEST_CASE("a rename moves a file with its etag and metadata", "[simulated_azure]") {
  Client client = tree();
  static_cast<void>(create(client, "a%20b", "file", {{"x-ms-properties", "n=MQ=="}}));
  const std::string etag = client.server().etag("a b");

  CHECK(rename(client, "/bkt/a%20b", "c").status == 201);

  CHECK(client.ask_dfs({.target = "/bkt/a%20b"}).status == 404);
  const auto seen = client.ask_dfs({.method = "HEAD", .target = "/bkt/c"});
  CHECK(header_of(seen, "ETag") == etag);
  CHECK(header_of(seen, "x-ms-properties") == "n=MQ==");
}

TEST_CASE("a rename takes a directory with all below it", "[simulated_azure]") {
  Client client = tree();
  client.put("d/x/file", "stones");
  client.put("d-other", "gravel");

  CHECK(rename(client, "/bkt/d", "e").status == 201);

  CHECK(client.server().keys() == std::vector<std::string>{"d-other", "e/x/file"});
  CHECK(client.content("e/x/file") == "stones");
}

TEST_CASE("a rename writes over a file unless If-None-Match forbids it", "[simulated_azure]") {
  Client client = tree();
  client.put("from", "stones");
  client.put("to", "gravel");

  const auto refused = rename(client, "/bkt/from", "to", {{"If-None-Match", "*"}});
  CHECK(refused.status == 409);
  CHECK(code_of(refused) == "PathAlreadyExists");
  CHECK(client.content("to") == "gravel");
  CHECK(rename(client, "/bkt/from", "to").status == 201);
  CHECK(client.content("to") == "stones");
}

TEST_CASE("a rename is pinned to its source's version", "[simulated_azure]") {
  Client client = tree();
  const std::string etag = client.put("from", "stones");

  const auto other = rename(client, "/bkt/from", "to", {{"x-ms-source-if-match", "\"0x8D0\""}});
  CHECK(other.status == 412);
  CHECK(code_of(other) == "SourceConditionNotMet");
  CHECK(rename(client, "/bkt/from", "to", {{"x-ms-source-if-match", etag}}).status == 201);
}

TEST_CASE("renames that cannot be say why", "[simulated_azure]") {
  Client client = tree();
  client.put("d/file", "stones");
  client.put("file", "stones");
  client.put("e/file", "stones");

  CHECK(code_of(rename(client, "/bkt/absent", "to")) == "SourcePathNotFound");
  CHECK(code_of(rename(client, "/bkt/file", "absent/to")) == "RenameDestinationParentPathNotFound");
  CHECK(code_of(rename(client, "/bkt/d", "d/below")) == "InvalidRenameSourcePath");
  CHECK(code_of(rename(client, "/bkt/d", "file")) == "InvalidSourceOrDestinationResourceType");
  CHECK(code_of(rename(client, "/bkt/d", "e")) == "PathAlreadyExists");
  CHECK(code_of(rename(client, "bkt/d", "f")) == "InvalidSourceUri");
}

TEST_CASE("a directory with something in it goes only recursively", "[simulated_azure]") {
  Client client = tree();
  client.put("d/x/file", "stones");
  client.put("d-other", "gravel");
  const auto remove = [&](const std::string& more) {
    return client.ask_dfs({.method = "DELETE", .target = "/bkt/d" + more});
  };

  CHECK(code_of(remove("")) == "MissingRequiredQueryParameter");
  const auto refused = remove("?recursive=false");
  CHECK(refused.status == 409);
  CHECK(code_of(refused) == "DirectoryNotEmpty");
  CHECK(remove("?recursive=true").status == 200);
  CHECK(remove("?recursive=true").status == 404);
  CHECK(client.server().keys() == std::vector<std::string>{"d-other"});
}

TEST_CASE("a large directory is looked at in several calls, and goes in the last",
          "[simulated_azure]") {
  Client client = tree(5000, 2);
  for (const char* name : {"d/1", "d/2", "d/3"}) client.put(name, "stones");
  const auto remove = [&](const std::string& more) {
    return client.ask_dfs({.method = "DELETE", .target = "/bkt/d?recursive=true" + more});
  };

  const auto first = remove("&paginated=true");
  const std::string token = header_of(first, "x-ms-continuation");
  CHECK(first.status == 200);
  CHECK_FALSE(token.empty());
  CHECK(client.server().keys().size() == 3);
  CHECK(remove("&continuation=" + token).status == 400);
  const auto second = remove("&paginated=true&continuation=" + token);

  CHECK(header_of(second, "x-ms-continuation").empty());
  CHECK(client.server().find("d") == nullptr);
  CHECK(client.server().keys().empty());
}

TEST_CASE("only a hierarchical account has access control lists", "[simulated_azure]") {
  Client client = tree();
  Client flat;
  const Ask ask{.method = "HEAD", .target = "/bkt/?action=getAccessControl"};

  CHECK(header_of(client.ask_dfs(ask), "x-ms-acl").find("user::rwx") == 0);
  const auto reply = flat.ask_dfs(ask);
  CHECK(reply.status == 400);
  CHECK(code_of(reply) == "HierarchicalNamespaceNotEnabled");
  CHECK(flat.server().violations().empty());
}

TEST_CASE("paths are listed as JSON, whole and by level", "[simulated_azure]") {
  Client client = tree();
  client.put("d/x/file", "stones");
  client.put("top", "gravel");

  const auto level = list(client, "false");
  CHECK(header_of(level, "Content-Type").find("application/json") == 0);
  CHECK(level.body.find(R"({"paths":[{"name":"d","isDirectory":"true","contentLength":"0")") == 0);
  CHECK(level.body.find(R"({"name":"top","contentLength":"6","etag":"0x8)") != std::string::npos);
  CHECK(level.body.find("d/x") == std::string::npos);
  const auto below = list(client, "true&directory=d");
  CHECK(below.body.find(R"("name":"d/x")") != std::string::npos);
  CHECK(below.body.find(R"("name":"d/x/file")") != std::string::npos);
  CHECK(below.body.find(R"("name":"top")") == std::string::npos);
  CHECK(code_of(list(client, "true&directory=absent")) == "PathNotFound");
}

TEST_CASE("a long list of paths goes on with x-ms-continuation", "[simulated_azure]") {
  Client client = tree();
  for (const char* name : {"1", "2", "3"}) client.put(name, "stones");

  const auto first = list(client, "true&maxResults=2");
  const std::string token = header_of(first, "x-ms-continuation");
  const auto second = list(client, "true&maxResults=2&continuation=" + token);

  CHECK(first.body.find(R"("name":"3")") == std::string::npos);
  CHECK(second.body.find(R"({"paths":[{"name":"3")") == 0);
  CHECK(header_of(second, "x-ms-continuation").empty());
}

TEST_CASE("a flat account has no dfs endpoint", "[simulated_azure]") {
  Client client;

  CHECK(client.ask_dfs({.method = "HEAD", .target = "/bkt/file"}).status == 400);
  CHECK(client.server().violations().size() == 1);
}

TEST_CASE("in a hierarchical account a prefix goes through no file", "[simulated_azure]") {
  Client client = tree();
  client.put("d/file", "stones");

  const auto reply = client.ask({.target = "/bkt?restype=container&comp=list&prefix=d%2Ffile%2Fx"});

  CHECK(reply.status == 409);
}

}  // namespace
