// Writes through faults: an error only where the file was not written, a success only where it was.
#include "tests/faults/faulty.hpp"

using namespace cairn;
using namespace cairn::faults;

namespace {

constexpr std::size_t kSmall = 300'000;
constexpr std::size_t kLarge = 20 * kMiB + 17;  // three parts

/// What can happen to any request, and is cured by asking again.
struct Curable {
  const char* what;
  Fault fault;
};
std::vector<Curable> curable() {
  return {
      {"refused", {.kind = Kind::refuse}},
      {"reset while the body is on its way", {.kind = Kind::reset_upload, .at = 100'000}},
      {"stalled while the body is on its way", {.kind = Kind::stall_upload, .at = 100'000}},
      {"answer lost", {.kind = Kind::lose_answer}},
      {"cut in the head of the answer", {.kind = Kind::cut_head, .at = 30}},
      {"silent for ever", {.kind = Kind::silent}},
      {"reset after the head of the answer", {.kind = Kind::reset_after_head}},
      {"503 SlowDown", {.kind = Kind::answer, .reply = test::error_reply(503, "SlowDown")}},
      {"500 after it was carried out",
       {.kind = Kind::replace_answer, .reply = test::error_reply(500, "InternalError")}},
      {"502", {.kind = Kind::answer, .reply = test::error_reply(502, "BadGateway")}},
      {"504 after it was carried out",
       {.kind = Kind::replace_answer, .reply = test::error_reply(504, "GatewayTimeout")}},
      {"429", {.kind = Kind::answer, .reply = test::error_reply(429, "TooManyRequests")}},
      {"408", {.kind = Kind::answer, .reply = test::error_reply(408, "RequestTimeout")}},
      {"400 RequestTimeout",
       {.kind = Kind::answer, .reply = test::error_reply(400, "RequestTimeout")}},
      {"503 with Retry-After",
       {.kind = Kind::answer,
        .reply = test::error_reply(503, "ServiceUnavailable", {{"Retry-After", "0"}})}},
  };
}

}  // namespace

TEST_CASE("a put whose answer is lost is a success") {
  Faulty f;
  f.once("PUT", "/k", {.kind = Kind::lose_answer});
  f.files.write("k", pattern(kSmall));
  CHECK(f.proxy.faults() == 1);
  CHECK(f.stored() == pattern(kSmall));
}

TEST_CASE("a create-only put whose answer is lost is a success") {
  Faulty f;
  f.once("PUT", "/k", {.kind = Kind::lose_answer});
  const vfs::WriteResult result = f.files.write("k", pattern(kSmall), {.if_absent = true});
  CHECK(f.proxy.faults() == 1);
  CHECK(f.stored() == pattern(kSmall));
  CHECK(result.etag == f.direct.files.stat("k")->etag);
}

TEST_CASE("a create-only put is a success whatever answer hides that it was carried out") {
  const int status = GENERATE(408, 429, 500, 502, 503, 504);
  Faulty f;
  f.once("PUT", "/k", {.kind = Kind::replace_answer, .reply = test::error_reply(status, "")});
  f.files.write("k", pattern(kSmall), {.if_absent = true});
  CHECK(f.proxy.faults() == 1);
  CHECK(f.stored() == pattern(kSmall));
}

TEST_CASE("a create-only put whose answer is lost is a conflict if the file was another's") {
  Faulty f;
  f.put("mine");
  f.once("PUT", "/k", {.kind = Kind::lose_answer});
  CHECK(code_of([&] { f.files.write("k", "your", {.if_absent = true}); }) ==
        vfs::ErrorCode::already_exists);
  CHECK(f.proxy.faults() == 1);
  CHECK(f.stored() == "mine");
}

TEST_CASE("a replacement of a known version whose answer is lost is a success") {
  Faulty f;
  f.put("old");
  const std::string etag = f.direct.files.stat("k")->etag;
  f.once("PUT", "/k", {.kind = Kind::lose_answer});
  f.files.write("k", "new", {.if_match = etag});
  CHECK(f.proxy.faults() == 1);
  CHECK(f.stored() == "new");
}

TEST_CASE("CompleteMultipartUpload whose answer is lost is a success") {
  Faulty f;
  f.once("POST", "uploadId=", {.kind = Kind::lose_answer});
  const vfs::WriteResult result = f.files.write("k", pattern(kLarge));
  CHECK(f.proxy.faults() == 1);
  CHECK(result.size == kLarge);
  CHECK(f.stored() == pattern(kLarge));
}

TEST_CASE("a create-only CompleteMultipartUpload whose answer is lost is a success") {
  Faulty f;
  f.once("POST", "uploadId=", {.kind = Kind::lose_answer});
  f.files.write("k", pattern(kLarge), {.if_absent = true});
  CHECK(f.proxy.faults() == 1);
  CHECK(f.stored() == pattern(kLarge));
}

TEST_CASE("CompleteMultipartUpload that answers 200 with an error is asked again") {
  Faulty f;
  const auto kind = GENERATE(Kind::answer, Kind::replace_answer);
  f.once("POST", "uploadId=", {.kind = kind, .reply = test::error_reply(200, "InternalError")});
  f.files.write("k", pattern(kLarge));
  CHECK(f.proxy.faults() == 1);
  CHECK(f.stored() == pattern(kLarge));
}

TEST_CASE("CompleteMultipartUpload that answers nonsense or nothing is asked again") {
  Faulty f;
  test::HttpMessage reply = test::error_reply(200, "");
  reply.body = GENERATE(as<std::string>{}, "", "<html>hello</html>", "<CompleteMultipart");
  reply.set_header("Content-Length", std::to_string(reply.body.size()));
  f.once("POST", "uploadId=", {.kind = Kind::replace_answer, .reply = reply});
  f.files.write("k", pattern(kLarge));
  CHECK(f.proxy.faults() == 1);
  CHECK(f.stored() == pattern(kLarge));
}

TEST_CASE("two answers of 503 SlowDown are waited out") {
  Faulty f;
  f.proxy.add({.method = "PUT",
               .target = "/k",
               .fault = {.kind = Kind::answer, .reply = test::error_reply(503, "SlowDown")},
               .times = 2});
  f.files.write("k", pattern(kSmall));
  CHECK(f.proxy.faults() == 2);
  CHECK(f.stored() == pattern(kSmall));
}

TEST_CASE("a bit that flips on the way up is found by the server, and the body is sent again") {
  Faulty f;
  const std::size_t size = GENERATE(kSmall, kLarge);
  f.once("PUT", "/k", {.kind = Kind::flip_upload, .at = 4321});
  f.files.write("k", pattern(size));
  CHECK(f.proxy.faults() == 1);
  CHECK(f.stored() == pattern(size));
}

TEST_CASE("every fault of one exchange of a put is cured") {
  for (const Curable& c : curable()) {
    INFO(c.what);
    Faulty f;
    f.once("PUT", "/k", c.fault);
    f.files.write("k", pattern(kSmall), {.if_absent = true});
    CHECK(f.proxy.faults() == 1);
    CHECK(f.stored() == pattern(kSmall));
  }
}

TEST_CASE("every fault of one exchange of a multipart upload is cured, and nothing is left over") {
  struct Where {
    const char* what;
    std::string method;
    std::string target;
    int skip;
  };
  const Where where[]{{"start", "POST", "?uploads", 0},
                      {"the first part", "PUT", "partNumber=", 0},
                      {"the last part", "PUT", "partNumber=", 2},
                      {"complete", "POST", "uploadId=", 0}};
  for (const Where& w : where) {
    for (const Curable& c : curable()) {
      INFO(w.what << ": " << c.what);
      Faulty f;
      f.once(w.method, w.target, c.fault, w.skip);
      f.files.write("k", pattern(kLarge));
      CHECK(f.proxy.faults() == 1);
      CHECK(f.stored() == pattern(kLarge));
      // A start whose answer was lost leaves an upload that nobody knows the id of.
      const bool carried_out =
          c.fault.kind == Kind::lose_answer || c.fault.kind == Kind::replace_answer ||
          c.fault.kind == Kind::cut_head || c.fault.kind == Kind::reset_after_head;
      if (w.target != "?uploads" || !carried_out) CHECK(f.pending_uploads().empty());
    }
  }
}

TEST_CASE("an upload that fails for good leaves neither a file nor an upload") {
  Faulty f;
  f.proxy.add({.method = "PUT",
               .target = "partNumber=2",
               .fault = {.kind = Kind::answer, .reply = test::error_reply(403, "AccessDenied")},
               .times = 100});
  CHECK(code_of([&] { f.files.write("k", pattern(kLarge)); }) == vfs::ErrorCode::permission_denied);
  CHECK_FALSE(f.direct.files.exists("k"));
  CHECK(f.pending_uploads().empty());
}

TEST_CASE("a conflict with another conditional write sends all parts again") {
  Faulty f;
  f.once("POST", "uploadId=",
         {.kind = Kind::answer, .reply = test::error_reply(409, "ConditionalRequestConflict")});
  f.files.write("k", pattern(kLarge), {.if_absent = true});
  CHECK(f.proxy.faults() == 1);
  CHECK(f.stored() == pattern(kLarge));
  CHECK(f.pending_uploads().empty());
}

TEST_CASE("a conflict of a small create-only put is tried again") {
  Faulty f;
  f.once("PUT", "/k",
         {.kind = Kind::answer, .reply = test::error_reply(409, "ConditionalRequestConflict")});
  f.files.write("k", "x", {.if_absent = true});
  CHECK(f.proxy.faults() == 1);
  CHECK(f.stored() == "x");
}
