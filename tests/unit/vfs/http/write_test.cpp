// PUT and WebDAV: what is sent, what is looked at before, and how doubt ends.
#include <algorithm>
#include <map>
#include <mutex>

#include "tests/support/catch.hpp"
#include "tests/support/contains.hpp"
#include "tests/unit/vfs/http/site.hpp"
#include "vfs/error.hpp"

using namespace cairn;
using test::Answer;
using test::Lines;
using test::ScriptedSite;
using vfs::ErrorCode;

namespace {

/// A small server of files with PUT, and WebDAV's MOVE, COPY and MKCOL if asked for.
class Files {
 public:
  explicit Files(bool webdav) : webdav_(webdav) {}

  Answer operator()(const vfs::net::Request& request) {
    const std::string path = path_of(request.url);
    if (lose_next == request.method) {
      lose_next.clear();
      static_cast<void>(answer(request, path));
      return {.status = 0, .failure = vfs::net::TransportFailure::receive};
    }
    return answer(request, path);
  }

  std::map<std::string, std::string> files{};
  std::string lose_next{};  // the answer to the next request of this method gets lost

 private:
  static std::string path_of(const std::string& url) {
    return url.substr(std::string("http://web.example").size());
  }
  Answer answer(const vfs::net::Request& request, const std::string& path) {
    if (request.method == "OPTIONS" && webdav_) {
      return {.headers = {{"dav", "1"}, {"allow", "PUT,DELETE,MKCOL,COPY,MOVE"}}};
    }
    if (request.method == "PUT") return put(path, request.body);
    if (request.method == "HEAD" || request.method == "GET") return get(path);
    if (request.method == "DELETE") return {.status = files.erase(path) != 0 ? 204 : 404};
    const bool known = request.method == "MOVE" || request.method == "COPY";
    if (!known || !webdav_) return {.status = 405};
    const std::string to = path_of(std::string(request.headers.get("destination")));
    if (!files.contains(path)) return {.status = 404};
    if (request.headers.get("overwrite") == "F" && files.contains(to)) return {.status = 412};
    files[to] = files[path];
    if (request.method == "MOVE") files.erase(path);
    return {.status = 201};
  }
  Answer put(const std::string& path, const vfs::Body& body) {
    std::string text(body.size(), '?');
    vfs::BodyReader(body).read(std::as_writable_bytes(std::span(text)));
    files[path] = text;
    return {.status = 201};
  }
  Answer get(const std::string& path) {
    const auto found = files.find(path);
    if (found == files.end()) return {.status = 404};
    return {.headers = {{"content-length", std::to_string(found->second.size())},
                        {"etag", "\"" + found->second + "\""}},
            .body = found->second};
  }
  bool webdav_;
};

struct Server {
  explicit Server(bool webdav)
      : files(std::make_shared<Files>(webdav)),
        site([files = files](const vfs::net::Request& request) { return (*files)(request); }) {}
  std::shared_ptr<Files> files;
  ScriptedSite site;
};

std::string text_at(const Server& server, const std::string& path) {
  const auto found = server.files->files.find(path);
  return found == server.files->files.end() ? "(absent)" : found->second;
}

}  // namespace

TEST_CASE("a write is one PUT, and a look at the etag where the server does not say it", "[http]") {
  Server server(false);
  const auto result = server.site.store->put("d/f", "text", {.content_type = "text/plain"});
  CHECK(result.size == 4);
  CHECK(result.etag == "\"text\"");
  CHECK(server.site.lines() == Lines{"PUT /d/f", "HEAD /d/f"});
  CHECK(server.site.requests()[0].headers.get("content-type") == "text/plain");
}

TEST_CASE("parts go up as one request", "[http]") {
  Server server(false);
  const auto upload = server.site.store->start_upload("f", {});
  upload->put_part(1, "second", {});
  upload->put_part(0, "wrong", {});
  upload->put_part(0, "first ", {});
  CHECK(text_at(server, "/f") == "(absent)");
  CHECK(upload->commit({}).size == 12);
  CHECK(text_at(server, "/f") == "first second");

  const auto gap = server.site.store->start_upload("g", {});
  gap->put_part(1, "x", {});
  CHECK(test::error_of([&] { gap->commit({}); }).code() == ErrorCode::invalid_argument);
  CHECK(server.site.store->start_upload("empty", {})->commit({}).size == 0);
}

TEST_CASE("a file that shall be created gets its name by a rename that replaces nothing",
          "[http]") {
  Server server(true);
  server.site.store->put("f", "first", {.if_absent = true});
  CHECK(text_at(server, "/f") == "first");
  CHECK(server.files->files.size() == 1);
  const auto requests = server.site.requests();
  const auto move = std::ranges::find(requests, "MOVE", &vfs::net::Request::method);
  REQUIRE(move != requests.end());
  CHECK(move->headers.get("overwrite") == "F");
  CHECK(move->headers.get("destination") == "http://web.example/f");

  const auto error =
      test::error_of([&] { server.site.store->put("f", "second", {.if_absent = true}); });
  CHECK(error.code() == ErrorCode::already_exists);
  CHECK(text_at(server, "/f") == "first");
}

TEST_CASE("another writer that comes in between is not replaced, and nothing is left over",
          "[http]") {
  Server server(true);
  bool done = false;
  ScriptedSite site([&](const vfs::net::Request& request) {
    if (request.method == "MOVE" && !std::exchange(done, true)) server.files->files["/f"] = "other";
    return (*server.files)(request);
  });
  const auto error = test::error_of([&] { site.store->put("f", "ours", {.if_absent = true}); });
  CHECK(error.code() == ErrorCode::already_exists);
  CHECK(text_at(server, "/f") == "other");
  CHECK(server.files->files.size() == 1);
}

TEST_CASE("a rename whose answer was lost is found to have happened", "[http][doubt]") {
  Server server(true);
  server.files->lose_next = "MOVE";
  CHECK(server.site.store->put("f", "ours", {.if_absent = true}).etag == "\"ours\"");
  CHECK(text_at(server, "/f") == "ours");

  server.files->lose_next = "MOVE";
  CHECK(server.site.store->move("f", "g", {}).etag == "\"ours\"");
  CHECK(text_at(server, "/f") == "(absent)");
  CHECK(text_at(server, "/g") == "ours");
}

TEST_CASE("a conditional PUT whose answer was lost is known by its bytes", "[http][doubt]") {
  Server server(false);
  int puts = 0;
  ScriptedSite site([&](const vfs::net::Request& request) -> Answer {
    if (request.method != "PUT") return (*server.files)(request);
    if (++puts > 1) return {.status = 412};
    static_cast<void>((*server.files)(request));
    return {.failure = vfs::net::TransportFailure::receive};
  });
  CHECK(site.store->put("f", "ours", {.if_absent = true}).etag == "\"ours\"");

  puts = 1;
  server.files->files["/g"] = "old";
  const auto error = test::error_of([&] { site.store->put("g", "new", {.if_match = "\"old\""}); });
  CHECK(error.code() == ErrorCode::precondition_failed);
}

TEST_CASE("conditions are looked at before the write, and sent with it", "[http]") {
  Server server(false);
  server.files->files["/f"] = "old";
  const auto code = [&](const vfs::WriteOptions& options) {
    return test::error_of([&] { server.site.store->put("f", "new", options); }).code();
  };
  CHECK(code({.if_absent = true}) == ErrorCode::already_exists);
  CHECK(code({.if_match = "\"x\""}) == ErrorCode::precondition_failed);
  CHECK(text_at(server, "/f") == "old");
  server.site.store->put("f", "new", {.if_match = "\"old\""});
  const auto requests = server.site.requests();
  CHECK(requests[requests.size() - 2].headers.get("if-match") == "\"old\"");
  CHECK_FALSE(server.site.store->capabilities().create_only);
  CHECK_FALSE(server.site.store->capabilities().replace_if_match);
}

TEST_CASE("a copy is the server's where it can, else it goes through here", "[http]") {
  for (const bool webdav : {true, false}) {
    Server server(webdav);
    server.files->files["/a"] = "text";
    CHECK(server.site.store->copy("a", "d/b", {}).size == 4);
    CHECK(text_at(server, "/d/b") == "text");
    CHECK(server.site.store->move("d/b", "c", {}).etag == "\"text\"");
    CHECK(text_at(server, "/c") == "text");
    CHECK(text_at(server, "/d/b") == "(absent)");
    bool by_server = false;
    for (const auto& line : server.site.lines()) by_server |= line == "COPY /a";
    CHECK(by_server == webdav);
  }
}

TEST_CASE("missing folders are made, and a file in their place is named", "[http]") {
  std::vector<std::string> made;
  const auto answers = [&made](const vfs::net::Request& request) -> Answer {
    const std::string path = request.url.substr(std::string("http://web.example").size());
    if (request.method == "OPTIONS") return {.headers = {{"dav", "1"}, {"allow", "MKCOL"}}};
    if (request.method == "MKCOL") {
      made.push_back(path);
      return {.status = 201};
    }
    if (request.method == "PUT") {
      return made.size() < 2 ? Answer{.status = 409} : Answer{.status = 201};
    }
    if (path == "/a") return {.status = 301, .headers = {{"location", "/a/"}}};
    if (path == "/file") return {.headers = {{"content-length", "1"}}};
    return {.status = 404};
  };
  ScriptedSite site(answers);
  CHECK(site.store->put("a/b/c/f", "x", {}).size == 1);
  CHECK(made == Lines{"/a/b/", "/a/b/c/"});

  made.clear();
  CHECK(test::error_of([&] { site.store->put("file/f", "x", {}); }).code() ==
        ErrorCode::not_a_directory);
  CHECK(test::error_of([&] { site.store->put("a", "x", {}); }).code() == ErrorCode::is_a_directory);
  CHECK(made.empty());
}

TEST_CASE("a folder that another writer makes at the same time is as good", "[http]") {
  int puts = 0;
  ScriptedSite site([&puts](const vfs::net::Request& request) -> Answer {
    if (request.method == "OPTIONS") return {.headers = {{"dav", "1"}, {"allow", "MOVE"}}};
    if (request.method == "PUT") return {.status = ++puts == 1 ? 409 : 201};
    if (!request.url.ends_with("/d")) return {.status = 404};
    return {.status = 301, .headers = {{"location", "/d/"}}};
  });
  CHECK(site.store->put("d/f", "x", {}).size == 1);
  CHECK(puts == 2);
}

TEST_CASE("a folder is removed only if it is empty, and never as a file", "[http]") {
  const auto answers = [](const vfs::net::Request& request) -> Answer {
    if (request.method == "OPTIONS") return {.status = 405};
    if (request.method == "DELETE") return {.status = 204};
    if (request.method == "HEAD" && !request.url.ends_with('/')) {
      return {.status = 301, .headers = {{"location", request.url + '/'}}};
    }
    const bool full = request.url.ends_with("/full/");
    return {.headers = {{"content-type", "text/html"}}, .body = full ? "<a href=f>f</a>" : ""};
  };
  ScriptedSite site(answers);
  const auto code = [&](const char* name) {
    const vfs::Path path(name);
    try {
      const auto result = site.store->remove(std::span(&path, 1), {}).front();
      return result.error.empty() ? std::string("removed") : std::string(to_string(result.code));
    } catch (const vfs::Error& error) {
      return std::string(to_string(error.code()));
    }
  };
  CHECK(code("full/") == "directory not empty");
  CHECK(code("full") == "is a directory");
  CHECK(code("empty/") == "removed");
  for (const auto& line : site.lines())
    CHECK((line.rfind("DELETE", 0) != 0 || line == "DELETE /empty/"));
}

TEST_CASE("a server that can only be read from says so", "[http]") {
  ScriptedSite site([](const vfs::net::Request& request) -> Answer {
    return {.status = request.method == "PUT" ? 405 : 404};
  });
  const auto error = test::error_of([&] { site.store->put("f", "x", {}); });
  CHECK(error.code() == ErrorCode::unsupported);
  CHECK(contains(error.details().hint, "can only be read from"));
}
