// Listing, removing, copying and moving through faults.
#include <functional>
#include <set>

#include "tests/faults/faulty.hpp"
#include "tests/support/contains.hpp"

using namespace cairn;
using namespace cairn::faults;

namespace {

std::vector<Fault> curable() {
  return {
      {.kind = Kind::refuse},
      {.kind = Kind::lose_answer},
      {.kind = Kind::silent},
      {.kind = Kind::reset_after_head},
      {.kind = Kind::cut, .at = 20},
      {.kind = Kind::cut_to_length, .at = 20},
      {.kind = Kind::cut_without_length, .at = 20},
      {.kind = Kind::cut_head, .at = 30},
      {.kind = Kind::answer, .reply = test::error_reply(503, "SlowDown")},
      {.kind = Kind::replace_answer, .reply = test::error_reply(500, "InternalError")},
      {.kind = Kind::answer, .reply = test::error_reply(429, "TooManyRequests")},
      {.kind = Kind::answer, .reply = test::error_reply(408, "RequestTimeout")},
      {.kind = Kind::answer, .reply = test::error_reply(502, "")},
  };
}

}  // namespace

TEST_CASE("every fault of one exchange of a listing is cured, on each page") {
  Faulty setup;
  std::set<std::string> expected;
  for (int i = 0; i < 25; ++i) expected.insert("d/" + std::to_string(100 + i));
  for (const std::string& name : expected) setup.put("x", name);
  for (int page = 0; page < 3; ++page) {
    for (const Fault& fault : curable()) {
      Faulty f;
      vfs::Config config = quick();
      config.s3.endpoint_url = f.proxy.url();
      const auto files = vfs::FileSystem::open(setup.direct.url, config);
      f.once("GET", "list-type=2", fault, page);
      std::set<std::string> seen;
      for (const auto& info : files.list("d", {.recursive = true, .page_size = 10})) {
        seen.insert(info.path.string());
      }
      CHECK(seen == expected);
      CHECK(f.proxy.faults() == 1);
    }
  }
}

TEST_CASE("a page of a listing that is nonsense is asked for again or refused, never taken") {
  Faulty f;
  f.put("x", "d/1");
  test::HttpMessage reply = test::error_reply(200, "");
  reply.body = "<ListBucketResult><Contents><Key>d/evil";
  reply.set_header("Content-Length", std::to_string(reply.body.size()));
  f.proxy.add({.method = "GET",
               .target = "list-type=2",
               .fault = {.kind = Kind::replace_answer, .reply = reply},
               .times = 100});
  CHECK(code_of([&] { static_cast<void>(f.files.list("d")); }) == vfs::ErrorCode::corrupt);
}

TEST_CASE("every fault of one exchange of a removal is cured") {
  for (const Fault& fault : curable()) {
    Faulty f;
    f.put("x");
    f.once("DELETE", "/k", fault);
    f.files.remove("k");
    CHECK(f.proxy.faults() == 1);
    CHECK_FALSE(f.direct.files.exists("k"));
  }
}

TEST_CASE("every fault of one exchange of a removal in bulk is cured") {
  for (const Fault& fault : curable()) {
    Faulty f;
    for (int i = 0; i < 5; ++i) f.put("x", "d/" + std::to_string(i));
    f.once("POST", "?delete", fault);
    f.files.remove_all("d");
    CHECK(f.proxy.faults() == 1);
    CHECK_FALSE(f.direct.files.exists("d"));
  }
}

TEST_CASE("what a removal in bulk could not remove is told by name, and the rest is removed") {
  Faulty f;
  for (const char* name : {"d/1", "d/2", "d/3"}) f.put("x", name);
  const auto refuse_second = [&](test::HttpMessage& reply) {
    f.put("x", "d/2");
    const std::string key = f.direct.in_store("d/2").string();
    reply.body =
        "<DeleteResult><Error><Key>" + key +
        "</Key><Code>AccessDenied</Code><Message>it is locked</Message></Error></DeleteResult>";
    reply.remove_header("Transfer-Encoding");
    reply.set_header("Content-Length", std::to_string(reply.body.size()));
  };
  f.once("POST", "?delete", {.kind = Kind::edit_answer, .edit = refuse_second});
  std::vector<vfs::Path> paths;
  for (const char* name : {"d/1", "d/2", "d/3"}) paths.push_back(f.direct.in_store(name));

  const auto results = f.files.store().remove(paths, {});

  REQUIRE(results.size() == 3);
  CHECK(results[0].error.empty());
  CHECK(contains(results[1].error, "it is locked"));
  CHECK(results[1].path == paths[1]);
  CHECK(results[2].error.empty());
  CHECK(f.proxy.faults() == 1);
  CHECK_FALSE(f.direct.files.exists("d/1"));
  CHECK(f.direct.files.exists("d/2"));
}

TEST_CASE("an empty 200 that no server gave is no success of any request") {
  struct Case {
    std::string method;
    std::string target;
    std::function<void(const Faulty&)> act;
  };
  const std::string large = pattern(10 * kMiB);
  const auto write = [&](const Faulty& f) { f.files.write("new", large); };
  const Case cases[]{
      {"PUT", "/new", [](const Faulty& f) { f.files.write("new", "text"); }},
      {"POST", "?uploads", write},
      {"PUT", "partNumber=2", write},
      {"POST", "uploadId=", write},
      {"GET", "/k", [](const Faulty& f) { CHECK(f.files.read_text("k") == "text"); }},
      {"GET", "/big",
       [&](const Faulty& f) { CHECK((f.files.read_text("big") == pattern(9 * kMiB))); }},
      {"HEAD", "/k", [](const Faulty& f) { CHECK(f.files.stat("k")->size == 4); }},
      {"GET", "list-type=2", [](const Faulty& f) { CHECK(f.files.list("").size() == 2); }},
      {"PUT", "/new", [](const Faulty& f) { f.files.copy("k", "new"); }},
      {"POST", "?delete", [](const Faulty& f) { f.files.remove_all(""); }},
  };
  for (const Case& c : cases) {
    INFO(c.method << " " << c.target);
    Faulty f;
    f.put("text");
    f.put(pattern(9 * kMiB), "big");
    test::HttpMessage reply{.start_line = "HTTP/1.1 200 OK"};
    reply.set_header("Content-Length", "0");
    f.once(c.method, c.target, {.kind = Kind::answer, .reply = reply});

    c.act(f);

    CHECK(f.proxy.faults() == 1);
    if (c.target == "?delete") {
      CHECK_FALSE(f.direct.files.exists("k"));
    } else if (c.target == "/new") {
      CHECK(f.stored("new") == "text");
    } else if (c.method != "GET" && c.method != "HEAD") {
      CHECK((f.stored("new") == large));
    }
  }
}

TEST_CASE("every fault of one exchange of a copy is cured") {
  for (const Fault& fault : curable()) {
    Faulty f;
    f.put("text", "from");
    f.once("PUT", "/to", fault);
    f.files.copy("from", "to");
    CHECK(f.proxy.faults() == 1);
    CHECK(f.stored("to") == "text");
  }
}

TEST_CASE("a copy that answers 200 with an error is asked for again") {
  Faulty f;
  f.put("text", "from");
  f.once("PUT", "/to", {.kind = Kind::answer, .reply = test::error_reply(200, "InternalError")});
  f.files.copy("from", "to");
  CHECK(f.proxy.faults() == 1);
  CHECK(f.stored("to") == "text");
}

TEST_CASE("every fault of one exchange of a create-only copy is cured") {
  for (const std::string target : {"?uploads", "partNumber=", "uploadId="}) {
    for (const Fault& fault : curable()) {
      INFO(target << " " << static_cast<int>(fault.kind));
      Faulty f;
      f.put(pattern(6 * kMiB), "from");
      f.once(target == "partNumber=" ? "PUT" : "POST", target, fault);
      f.files.copy("from", "to", {.if_absent = true});
      CHECK(f.proxy.faults() == 1);
      CHECK((f.stored("to") == pattern(6 * kMiB)));
    }
  }
}

TEST_CASE("every fault of one exchange of a move is cured, and the file is never lost") {
  for (const std::string method : {"PUT", "HEAD", "DELETE"}) {
    for (const Fault& fault : curable()) {
      INFO(method << " " << static_cast<int>(fault.kind));
      Faulty f;
      f.put("text", "from");
      f.once(method, "/", fault);
      f.files.move("from", "to");
      CHECK(f.proxy.faults() == 1);
      CHECK(f.stored("to") == "text");
      CHECK_FALSE(f.direct.files.exists("from"));
    }
  }
}

TEST_CASE("every fault of one exchange of stat is cured") {
  for (const Fault& fault : curable()) {
    Faulty f;
    f.put("text");
    f.once("HEAD", "/k", fault);
    CHECK(f.files.stat("k")->size == 4);
    CHECK(f.proxy.faults() == 1);
  }
}
