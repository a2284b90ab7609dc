// Faults of what only Cloud Storage has: sessions, and objects that are put together of others.
#include <utility>

#include "tests/faults/faulty.hpp"
#include "tests/support/contains.hpp"
#include "vfs/net/text.hpp"

using namespace cairn;
using namespace cairn::faults;

namespace {

constexpr std::size_t kLarge = 20 * kMiB + 17;  // three chunks of parts, and the rest
constexpr std::size_t kUnit = 256U << 10U;      // of which chunks are multiples

vfs::Config by_session() {
  vfs::Config config = quick();
  config.gcs.upload = vfs::GcsUpload::resumable;
  config.http.stall_timeout = std::chrono::seconds{3};
  return config;
}

/// Not lose_answer: where nothing is answered libcurl sends a chunk again by itself, and the
/// emulator keeps it twice.
const Fault kLostAnswer{.kind = Kind::cut, .at = 1};

/// Part of each request of a session.
const Step kChunk{.what = "chunk", .method = "PUT", .target = "upload_id="};
const Step kSession{.what = "session", .method = "POST", .target = "uploadType=resumable"};

bool asks_for_progress(const HttpMessage& request) {
  return request.header("content-range") == "bytes */*";
}

/// The service has so many bytes of the object.
HttpMessage progress_reply(std::uint64_t persisted) {
  HttpMessage reply = answer_of(308, "text/plain", "");
  if (persisted > 0) reply.set_header("Range", "bytes=0-" + std::to_string(persisted - 1));
  return reply;
}

/// "bytes 0-42/…": how many bytes there are up to the end of this chunk.
std::uint64_t end_of(const HttpMessage& chunk) {
  const std::string range = chunk.header("content-range");
  const std::size_t dash = range.find('-');
  return std::stoull(range.substr(dash + 1)) + 1;
}

int count(const Faulty& f, const std::string& method, const std::string& target) {
  int found = 0;
  for (const std::string& request : f.proxy.requests()) {
    found += request.starts_with(method) && contains(request, target);
  }
  return found;
}

}  // namespace

TEST_CASE("a chunk whose answer is lost is not sent again if the service has it", "[gcs]") {
  Faulty f(by_session());
  std::uint64_t persisted = 0;
  int lost = 0;
  // The emulator ends a session that is asked how much it has: the proxy answers in its place.
  f.proxy.set_chance([&](const HttpMessage& request) -> std::optional<Fault> {
    if (request.method() != "PUT") return {};
    if (asks_for_progress(request)) {
      return Fault{.kind = Kind::answer, .reply = progress_reply(persisted)};
    }
    persisted = end_of(request);
    if (lost++ > 0) return {};
    return kLostAnswer;
  });

  f.files.write("k", pattern(kLarge));

  CHECK(f.proxy.faults() == 2);
  CHECK((f.stored() == pattern(kLarge)));
  CHECK(count(f, "PUT", "upload_id=") == 5);  // four chunks, and a question
}

TEST_CASE("a session that tells of less than was sent gets the rest", "[gcs]") {
  Faulty f(by_session());
  f.once(kChunk, {.kind = Kind::edit_request, .edit = [](HttpMessage& request) {
                    set_body(request, request.body.substr(0, 3 * kUnit));
                    request.set_header("Content-Range",
                                       "bytes 0-" + std::to_string(3 * kUnit - 1) + "/*");
                  }});

  f.files.write("k", pattern(kLarge));

  CHECK(f.proxy.faults() == 1);
  CHECK((f.stored() == pattern(kLarge)));
}

TEST_CASE("the end of a session whose answer is lost is a success", "[gcs]") {
  Faulty f(by_session());
  const bool create = GENERATE(false, true);
  Step last = kChunk;
  last.skip = 3;
  f.once(last, kLostAnswer);

  const vfs::WriteResult result = f.files.write("k", pattern(kLarge), {.if_absent = create});

  CHECK(f.proxy.faults() == 1);
  CHECK((f.stored() == pattern(kLarge)));
  CHECK(result.etag == f.direct.files.stat("k")->etag);
}

TEST_CASE("a session that the service does not know any more is begun anew", "[gcs]") {
  Faulty f(by_session());
  const int chunk = GENERATE(0, 3);
  Step step = kChunk;
  step.skip = chunk;
  f.once(step, {.kind = Kind::answer, .reply = dialect().refusal(GENERATE(404, 410))});

  f.files.write("k", pattern(kLarge));

  CHECK(f.proxy.faults() == 1);
  CHECK(count(f, "POST", kSession.target) == 2);
  CHECK((f.stored() == pattern(kLarge)));
}

TEST_CASE("a session that fails for good is given up", "[gcs]") {
  Faulty f(by_session());
  f.put("old");
  Step second = kChunk;
  second.skip = 1;
  f.always(second, {.kind = Kind::answer, .reply = dialect().refusal(403)});

  CHECK(code_of([&] { f.files.write("k", pattern(kLarge)); }) == vfs::ErrorCode::permission_denied);

  CHECK(count(f, "DELETE", "upload_id=") == 1);
  CHECK(f.stored() == "old");
}

TEST_CASE("a session that the service ends too early is an error, not a shorter file", "[gcs]") {
  Faulty f(by_session());
  if (!conformance::server_has(conformance::Fault::status_ends_sessions)) return;
  f.once(kChunk, kLostAnswer);

  CHECK(code_of([&] { f.files.write("k", pattern(kLarge)); }) == vfs::ErrorCode::corrupt);

  CHECK(f.proxy.faults() == 1);
}

TEST_CASE("every answer that names no session is refused or asked for again", "[gcs]") {
  Faulty f(by_session());
  const HttpMessage reply =
      answer_of(200, "application/json", GENERATE(as<std::string>{}, "", "{}"));
  f.once(kSession, {.kind = Kind::replace_answer, .reply = reply});

  f.files.write("k", pattern(kLarge));

  CHECK(f.proxy.faults() == 1);
  CHECK((f.stored() == pattern(kLarge)));
}

TEST_CASE("faults among compositions of compositions are cured, and nothing is left over",
          "[gcs]") {
  constexpr std::size_t kParts = 40;  // more than one composition takes
  const std::string text = pattern(kParts * 1000 - 1);
  vfs::Config config = quick();
  config.transfer.part_size = 1000;
  const Step inner{.method = "POST", .target = "%2F0-00000/compose"};
  const Step outer{.method = "POST", .target = "%2Fk/compose"};
  for (const Step& step : {inner, outer}) {
    for (const Kind kind : {Kind::refuse, Kind::lose_answer, Kind::cut, Kind::silent}) {
      INFO(step.target << " " << static_cast<int>(kind));
      Faulty f(config);
      f.once(step, {.kind = kind, .at = 20});

      f.files.write("k", text);

      CHECK(f.proxy.faults() == 1);
      CHECK(f.stored() == text);
      CHECK(f.pending_uploads().empty());
    }
  }
}

TEST_CASE("what a service stored otherwise than it was sent is removed again", "[gcs]") {
  Faulty f;
  const bool large = GENERATE(false, true);
  const Step step = large ? dialect().commit(f.key()) : dialect().put(f.key());
  f.once(step, {.kind = Kind::edit_answer, .edit = [](HttpMessage& reply) {
                  const std::size_t at = reply.body.find(R"("crc32c":")") + 10;
                  std::string body = reply.body;
                  set_body(reply, body.replace(at, 6, "AAAAAA"));
                }});

  CHECK(code_of([&] { f.files.write("k", pattern(large ? kLarge : 1000)); }) ==
        vfs::ErrorCode::corrupt);

  CHECK(f.proxy.faults() == 1);
  CHECK_FALSE(f.direct.files.exists("k"));
  CHECK(f.pending_uploads().empty());
}
