// Faults that only S3 has: errors in answers of 200, and 409 where writers meet.
#include "tests/faults/faulty.hpp"

using namespace cairn;
using namespace cairn::faults;

namespace {

constexpr std::size_t kLarge = 20 * kMiB + 17;  // three parts

}  // namespace

TEST_CASE("CompleteMultipartUpload that answers 200 with an error is asked again", "[s3]") {
  Faulty f;
  const auto kind = GENERATE(Kind::answer, Kind::replace_answer);
  f.once(dialect().commit(f.key()),
         {.kind = kind, .reply = test::error_reply(200, "InternalError")});
  f.files.write("k", pattern(kLarge));
  CHECK(f.proxy.faults() == 1);
  CHECK(f.stored() == pattern(kLarge));
}

TEST_CASE("a conflict with another conditional write sends all parts again", "[s3]") {
  Faulty f;
  f.once(dialect().commit(f.key()),
         {.kind = Kind::answer, .reply = test::error_reply(409, "ConditionalRequestConflict")});
  f.files.write("k", pattern(kLarge), {.if_absent = true});
  CHECK(f.proxy.faults() == 1);
  CHECK(f.stored() == pattern(kLarge));
  CHECK(f.pending_uploads().empty());
}

TEST_CASE("a conflict of a small create-only put is tried again", "[s3]") {
  Faulty f;
  f.once(dialect().put(f.key()),
         {.kind = Kind::answer, .reply = test::error_reply(409, "ConditionalRequestConflict")});
  f.files.write("k", "x", {.if_absent = true});
  CHECK(f.proxy.faults() == 1);
  CHECK(f.stored() == "x");
}

TEST_CASE("a copy that answers 200 with an error is asked for again", "[s3]") {
  Faulty f;
  f.put("text", "from");
  f.once(dialect().copy(f.key("from"), f.key("to")),
         {.kind = Kind::answer, .reply = test::error_reply(200, "InternalError")});
  f.files.copy("from", "to");
  CHECK(f.proxy.faults() == 1);
  CHECK(f.stored("to") == "text");
}
