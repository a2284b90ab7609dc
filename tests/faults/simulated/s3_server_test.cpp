// The simulated S3 itself: it refuses what a real one refuses.
#include "tests/faults/simulated/world.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/simulated/digests.hpp"
#include "tests/support/simulated_s3/server.hpp"

namespace {

using namespace cairn;
using namespace cairn::test;

vfs::ErrorCode code_of(World& world) {
  return test::code_of([&] { world.files().write("file", "stones"); });
}

TEST_CASE("the server's checksums are those of the CRC catalogue", "[simulated]") {
  CHECK(sim::checksum("crc32", "123456789") == sim::base64("\xcb\xf4\x39\x26"));
  CHECK(sim::checksum("crc32c", "123456789") == sim::base64("\xe3\x06\x92\x83"));
  CHECK(sim::checksum("crc64nvme", "123456789") == sim::base64("\xae\x8b\x14\x86\x0a\x79\x98\x88"));
  CHECK(sim::hex(sim::md5("")) == "d41d8cd98f00b204e9800998ecf8427e");
}

TEST_CASE("the server refuses a signature by another secret", "[simulated]") {
  World world({});
  dynamic_cast<sim::s3::Server&>(world.service()).options().account.secret = "another";

  CHECK(code_of(world) == vfs::ErrorCode::unauthenticated);
  CHECK(world.service().keys().empty());
}

TEST_CASE("the server refuses and notes a request without a signature", "[simulated]") {
  World world({});

  const auto answer = world.network().send({.url = "http://127.0.0.1:9000/bkt/file"}, {});

  CHECK(answer.status == 403);
  CHECK(world.service().violations().size() == 1);
}

}  // namespace
