// What stands between a hostile file and the tables and messages of the library.
#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "checkpoint/format/key.hpp"
#include "checkpoint/format/keyed_hash.hpp"
#include "checkpoint/format/text.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/checkpoint/format/support.hpp"

using namespace cairn::checkpoint;
using namespace cairn::checkpoint::format;

namespace {

// One float, seen as `sizes` with `strides`.
StoredTensor expanded(float element, std::vector<std::int64_t> sizes,
                      std::vector<std::int64_t> strides) {
  StoredTensor tensor = make_tensor({element}, {1});
  tensor.sizes = std::move(sizes);
  tensor.strides = std::move(strides);
  return tensor;
}

}  // namespace

TEST_CASE("the hash of names is SipHash-2-4", "[format]") {
  // Appendix A of the paper: key 00 01 … 0f, message 00 01 … 0e.
  const std::array<std::uint64_t, 2> key{0x0706050403020100, 0x0f0e0d0c0b0a0908};
  std::string message;
  for (char byte = 0; byte < 15; ++byte) message.push_back(byte);

  CHECK(sip_hash(key, message) == 0xa129ca6149be45e5);
  CHECK(sip_hash({key[1], key[0]}, message) != 0xa129ca6149be45e5);
}

TEST_CASE("a NaN is one key, whatever its bits", "[format]") {
  Dict dict;
  for (int i = 0; i < 20; ++i) dict[Value(i)] = Value(i);
  dict[Value(std::bit_cast<double>(0x7ff8000000000001))] = Value(1);
  dict[Value(std::bit_cast<double>(0xfff8000000000002))] = Value(2);

  CHECK(dict.size() == 21);
}

TEST_CASE("messages show no control characters of a file", "[format]") {
  CHECK(printable("a\x1b[31mb\n\x7f", 80) == "a?[31mb??");
  CHECK(printable("\xc3\xa9\xe2\x82\xac", 80) == "\xc3\xa9\xe2\x82\xac");
  CHECK(printable("\xc2\x9b"
                  "31m",
                  80) == "?31m");  // U+009B is an escape sequence, too
  CHECK(printable("\xff"
                  "a\xc3",
                  80) == "?a?");
  CHECK(printable("abc", 2) == "ab…");
  CHECK(printable("a\xe2\x82\xac", 2) == "a…");  // not in the middle of a code point
}

TEST_CASE("a key nested without end is shown without recursion", "[format]") {
  Value key = Tuple();
  for (int i = 0; i < 900; ++i) key = Tuple{key};

  CHECK(show_key(key) == "(((((…),),),),)");
}

TEST_CASE("tensors that expand one element to 2^62 are compared at once", "[format]") {
  const std::int64_t many = std::int64_t{1} << 62;

  CHECK(equal(Value(expanded(1, {many}, {0})), Value(expanded(1, {many}, {0}))));
  CHECK_FALSE(equal(Value(expanded(1, {many}, {0})), Value(expanded(2, {many}, {0}))));
  CHECK_FALSE(equal(Value(expanded(1, {many}, {0})), Value(expanded(1, {many - 1}, {0}))));
}

TEST_CASE("a dimension that stands still in one tensor alone is compared whole", "[format]") {
  const StoredTensor whole = make_tensor({1, 1, 2}, {3});

  CHECK_FALSE(equal(Value(expanded(1, {3}, {0})), Value(whole)));
  CHECK(equal(Value(expanded(1, {2}, {0})), Value(make_tensor({1, 1}, {2}))));
}
