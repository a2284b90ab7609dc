#include "vfs/base/text.hpp"

#include "tests/support/catch.hpp"

using namespace cairn::vfs;

TEST_CASE("the nearest name is the one with the fewest changes", "[text]") {
  const std::vector<std::string> names{"file", "memory", "s3", "s3a"};
  CHECK(nearest("flie", names) == "file");
  CHECK(nearest("s4", names) == "s3");
  CHECK(nearest("memroy", names) == "memory");
  CHECK(nearest("postgresql", names).empty());
}

TEST_CASE("numbers are written with all their hex digits", "[text]") {
  CHECK(to_hex(0) == "0000000000000000");
  CHECK(to_hex(0xdeadbeef0123) == "0000deadbeef0123");
  CHECK(to_hex(~0ULL) == "ffffffffffffffff");
}

TEST_CASE("only ASCII letters become lower case", "[text]") {
  CHECK(to_lower("S3-\xc3\x84Z") == "s3-\xc3\x84z");
  CHECK(join({"a", "b"}, ", ") == "a, b");
}
