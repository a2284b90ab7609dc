// Writes through faults: an error only where the file was not written, a success only where it was.
#include "tests/faults/faulty.hpp"

using namespace cairn;
using namespace cairn::faults;

namespace {

constexpr std::size_t kSmall = 300'000;
constexpr std::size_t kLarge = 20 * kMiB + 17;  // three parts

/// What can happen to any request, and is cured by asking again.
struct Curable {
  std::string what;
  Fault fault;
};
std::vector<Curable> curable() {
  const Dialect& service = dialect();
  std::vector<Curable> faults{
      {"refused", {.kind = Kind::refuse}},
      {"reset while the body is on its way", {.kind = Kind::reset_upload, .at = 100'000}},
      {"stalled while the body is on its way", {.kind = Kind::stall_upload, .at = 100'000}},
      {"answer lost", {.kind = Kind::lose_answer}},
      {"cut in the head of the answer", {.kind = Kind::cut_head, .at = 30}},
      {"silent for ever", {.kind = Kind::silent}},
      {"reset after the head of the answer", {.kind = Kind::reset_after_head}},
      {"500 after it was carried out",
       {.kind = Kind::replace_answer, .reply = service.refusal(500)}},
      {"504 after it was carried out",
       {.kind = Kind::replace_answer, .reply = service.refusal(504)}},
  };
  for (const int status : {503, 502, 429, 408}) {
    faults.push_back(
        {std::to_string(status), {.kind = Kind::answer, .reply = service.refusal(status)}});
  }
  HttpMessage later = service.refusal(503);
  later.set_header("Retry-After", "0");
  faults.push_back({"503 with Retry-After", {.kind = Kind::answer, .reply = later}});
  for (const HttpMessage& refusal : service.own_refusals()) {
    faults.push_back({refusal.body, {.kind = Kind::answer, .reply = refusal}});
  }
  return faults;
}

/// Whether the server has carried out what was asked.
bool was_carried_out(const Fault& fault) {
  return fault.kind == Kind::lose_answer || fault.kind == Kind::replace_answer ||
         fault.kind == Kind::cut_head || fault.kind == Kind::reset_after_head;
}

}  // namespace

TEST_CASE("a put whose answer is lost is a success") {
  Faulty f;
  f.once(dialect().put(f.key()), {.kind = Kind::lose_answer});
  f.files.write("k", pattern(kSmall));
  CHECK(f.proxy.faults() == 1);
  CHECK(f.stored() == pattern(kSmall));
}

TEST_CASE("a create-only put whose answer is lost is a success") {
  Faulty f;
  f.once(dialect().put(f.key()), {.kind = Kind::lose_answer});
  const vfs::WriteResult result = f.files.write("k", pattern(kSmall), {.if_absent = true});
  CHECK(f.proxy.faults() == 1);
  CHECK(f.stored() == pattern(kSmall));
  CHECK(result.etag == f.direct.files.stat("k")->etag);
}

TEST_CASE("a create-only put is a success whatever answer hides that it was carried out") {
  const int status = GENERATE(408, 429, 500, 502, 503, 504);
  Faulty f;
  f.once(dialect().put(f.key()),
         {.kind = Kind::replace_answer, .reply = dialect().refusal(status)});
  f.files.write("k", pattern(kSmall), {.if_absent = true});
  CHECK(f.proxy.faults() == 1);
  CHECK(f.stored() == pattern(kSmall));
}

TEST_CASE("a create-only put whose answer is lost is a conflict if the file was another's") {
  Faulty f;
  f.put("mine");
  f.once(dialect().put(f.key()), {.kind = Kind::lose_answer});
  CHECK(code_of([&] { f.files.write("k", "your", {.if_absent = true}); }) ==
        vfs::ErrorCode::already_exists);
  CHECK(f.proxy.faults() == 1);
  CHECK(f.stored() == "mine");
}

TEST_CASE("a replacement of a known version whose answer is lost is a success") {
  Faulty f;
  f.put("old");
  const std::string etag = f.direct.files.stat("k")->etag;
  f.once(dialect().put(f.key()), {.kind = Kind::lose_answer});
  f.files.write("k", "new", {.if_match = etag});
  CHECK(f.proxy.faults() == 1);
  CHECK(f.stored() == "new");
}

TEST_CASE("the commit of a large file whose answer is lost is a success") {
  Faulty f;
  f.once(dialect().commit(f.key()), {.kind = Kind::lose_answer});
  const vfs::WriteResult result = f.files.write("k", pattern(kLarge));
  CHECK(f.proxy.faults() == 1);
  CHECK(result.size == kLarge);
  CHECK(f.stored() == pattern(kLarge));
}

TEST_CASE("a create-only commit of a large file whose answer is lost is a success") {
  Faulty f;
  f.once(dialect().commit(f.key()), {.kind = Kind::lose_answer});
  f.files.write("k", pattern(kLarge), {.if_absent = true});
  CHECK(f.proxy.faults() == 1);
  CHECK(f.stored() == pattern(kLarge));
}

TEST_CASE("a commit that answers nonsense or nothing is asked again") {
  Faulty f;
  const std::string body = GENERATE(as<std::string>{}, "", "<html>hello</html>",
                                    "<CompleteMultipart", "{\"kind\": \"st");
  const HttpMessage reply = answer_of(200, "text/html", body);
  f.once(dialect().commit(f.key()), {.kind = Kind::replace_answer, .reply = reply});
  f.files.write("k", pattern(kLarge));
  CHECK(f.proxy.faults() == 1);
  CHECK(f.stored() == pattern(kLarge));
}

TEST_CASE("two answers of 503 are waited out") {
  Faulty f;
  f.add(dialect().put(f.key()), {.kind = Kind::answer, .reply = dialect().refusal(503)}, 2);
  f.files.write("k", pattern(kSmall));
  CHECK(f.proxy.faults() == 2);
  CHECK(f.stored() == pattern(kSmall));
}

TEST_CASE("a bit that flips on the way up is found by the server, and the body is sent again") {
  Faulty f;
  const bool large = GENERATE(false, true);
  const std::string text = pattern(large ? kLarge : kSmall);
  f.once(large ? dialect().part({}) : dialect().put(f.key()), dialect().flip_upload(4321));
  f.files.write("k", text);
  CHECK(f.proxy.faults() == 1);
  CHECK((f.stored() == text));
}

TEST_CASE("every fault of one exchange of a put is cured") {
  for (const Curable& c : curable()) {
    INFO(c.what);
    Faulty f;
    f.once(dialect().put(f.key()), c.fault);
    f.files.write("k", pattern(kSmall), {.if_absent = true});
    CHECK(f.proxy.faults() == 1);
    CHECK(f.stored() == pattern(kSmall));
  }
}

TEST_CASE("every fault of one exchange of a large upload is cured, and nothing is left over") {
  for (const Curable& c : curable()) {
    const std::size_t steps = dialect().upload_steps({}).size();
    for (std::size_t i = 0; i < steps; ++i) {
      Faulty f;
      const Step step = dialect().upload_steps(f.key())[i];
      INFO(step.what << ": " << c.what);
      f.once(step, c.fault);
      f.files.write("k", pattern(kLarge));
      CHECK(f.proxy.faults() == 1);
      CHECK((f.stored() == pattern(kLarge)));
      if (!step.names_upload || !was_carried_out(c.fault)) CHECK(f.pending_uploads().empty());
    }
  }
}

TEST_CASE("an upload that fails for good leaves neither a file nor an upload") {
  Faulty f;
  f.always(dialect().part(1), {.kind = Kind::answer, .reply = dialect().refusal(403)});
  CHECK(code_of([&] { f.files.write("k", pattern(kLarge)); }) == vfs::ErrorCode::permission_denied);
  CHECK_FALSE(f.direct.files.exists("k"));
  CHECK(f.abandoned_uploads().empty());
}
