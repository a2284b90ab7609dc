// Listing, removing, copying and moving through faults; clocks, regions and credentials that are
// wrong.
#include <fstream>
#include <set>

#include "tests/faults/faulty.hpp"
#include "tests/support/temporary_folder.hpp"

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
      {.kind = Kind::answer, .reply = test::error_reply(503, "SlowDown")},
      {.kind = Kind::replace_answer, .reply = test::error_reply(500, "InternalError")},
      {.kind = Kind::answer, .reply = test::error_reply(429, "TooManyRequests")},
  };
}

std::string signed_date(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[64];
  std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return text;
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
    if (fault.kind == Kind::cut) continue;  // an answer to HEAD has no body
    Faulty f;
    f.put("text");
    f.once("HEAD", "/k", fault);
    CHECK(f.files.stat("k")->size == 4);
    CHECK(f.proxy.faults() == 1);
  }
}

TEST_CASE("a clock that is an hour off is corrected by the server's") {
  const auto hour = std::chrono::hours{GENERATE(-1, 1)};
  for (const std::size_t size : {std::size_t{1000}, 20 * kMiB}) {
    Faulty f;
    // As a server says it whose clock is an hour away from this machine's. What is then signed with
    // the corrected time must say that hour, and the real server would refuse it: so it answers
    // instead of it until the time fits.
    int corrected = 0;
    f.proxy.set_chance([&](const test::HttpMessage& request) -> std::optional<Fault> {
      const std::string date = request.header("x-amz-date");
      const auto now = std::chrono::system_clock::now();
      const std::time_t there = std::chrono::system_clock::to_time_t(now + hour);
      std::tm parts{};
      gmtime_r(&there, &parts);
      char expected[32];
      std::strftime(expected, sizeof expected, "%Y%m%dT%H", &parts);
      if (date.substr(0, 11) == expected) {
        ++corrected;
        return Fault{.kind = Kind::answer, .reply = test::error_reply(403, "AccessDenied")};
      }
      return Fault{.kind = Kind::answer,
                   .reply = test::error_reply(403, "RequestTimeTooSkewed",
                                              {{"Date", signed_date(now + hour)}})};
    });
    CHECK(code_of([&] { f.files.write("k", pattern(size)); }) == vfs::ErrorCode::permission_denied);
    CHECK(corrected > 0);
  }
}

TEST_CASE("a wrong region is corrected by what the server says") {
  for (const std::string code : {"AuthorizationHeaderMalformed", "PermanentRedirect"}) {
    vfs::Config config = quick();
    config.s3.region = "eu-west-3";
    Faulty f(config);
    test::HttpMessage reply = test::error_reply(code == "PermanentRedirect" ? 301 : 400, code,
                                                {{"x-amz-bucket-region", "us-east-1"}});
    f.proxy.set_chance([&](const test::HttpMessage& request) -> std::optional<Fault> {
      if (request.header("authorization").find("/us-east-1/") != std::string::npos) return {};
      return Fault{.kind = Kind::answer, .reply = reply};
    });
    f.files.write("k", pattern(20 * kMiB));
    CHECK(f.proxy.faults() == 1);
    CHECK((f.stored() == pattern(20 * kMiB)));
  }
}

TEST_CASE("credentials that run out in the middle of an upload are looked up again, once") {
  const TemporaryFolder folder;
  const std::string path = folder.string() + "/credentials";
  const auto write = [&](const std::string& token) {
    std::ofstream(path) << "[default]\naws_access_key_id = " << std::getenv("AWS_ACCESS_KEY_ID")
                        << "\naws_secret_access_key = " << std::getenv("AWS_SECRET_ACCESS_KEY")
                        << "\n"
                        << (token.empty() ? "" : "aws_session_token = " + token) << "\n";
  };
  write("worn-out");
  vfs::Config config = quick();
  config.environment = [&](std::string_view name) -> std::optional<std::string> {
    if (name == "AWS_SHARED_CREDENTIALS_FILE") return path;
    return {};
  };
  config.s3.region = "us-east-1";
  Faulty f(config);
  int worn_out = 0;
  bool renewed = false;
  f.proxy.set_chance([&](const test::HttpMessage& request) -> std::optional<Fault> {
    if (request.header("x-amz-security-token") != "worn-out") return {};
    // The real server knows no such token: it is taken as good until the second part, and then as
    // expired. Until then the proxy answers for the server.
    if (!std::exchange(renewed, true)) write("");
    ++worn_out;
    return Fault{.kind = Kind::answer, .reply = test::error_reply(400, "ExpiredToken")};
  });
  f.files.write("k", pattern(20 * kMiB));
  CHECK(worn_out >= 1);
  CHECK((f.stored() == pattern(20 * kMiB)));
}
