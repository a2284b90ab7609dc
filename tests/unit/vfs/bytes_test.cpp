#include <numeric>
#include <stdexcept>
#include <string>

#include "tests/support/catch.hpp"
#include "vfs/bytes.hpp"

using namespace cairn::vfs;

namespace {

std::string text_of(const Body& body) {
  std::string text(body.size(), '?');
  BodyReader reader(body);
  CHECK(reader.read(std::as_writable_bytes(std::span(text))) == text.size());
  return text;
}

Body rope() {
  Body body("ab");
  body.append(as_bytes(""));
  body.append(as_bytes("cde"));
  body.append_copy(as_bytes("f"));
  return body;
}

// Letters, made anew each time.
class Letters : public BodySource {
 public:
  [[nodiscard]] Body take(std::uint64_t offset, std::uint64_t length) const override {
    Body body;
    for (std::uint64_t i = offset; i < offset + length; ++i)
      body.append_copy(as_bytes(std::string(1, static_cast<char>('a' + i))));
    return body;
  }
};

// Gives less than is asked for.
class Short : public BodySource {
 public:
  [[nodiscard]] Body take(std::uint64_t, std::uint64_t) const override { return "x"; }
};

}  // namespace

TEST_CASE("a body is the concatenation of its spans", "[bytes]") {
  CHECK(rope().size() == 6);
  CHECK(text_of(rope()) == "abcdef");
  CHECK(text_of(Body()).empty());
}

TEST_CASE("every slice of a body holds the bytes in between", "[bytes]") {
  const Body body = rope();
  const std::string whole = "abcdef";
  for (std::size_t offset = 0; offset <= whole.size(); ++offset) {
    for (std::size_t length = 0; offset + length <= whole.size(); ++length) {
      CHECK(text_of(body.slice(offset, length)) == whole.substr(offset, length));
    }
  }
  CHECK_THROWS_AS(body.slice(4, 3), std::out_of_range);
  CHECK_THROWS_AS(body.slice(7, 0), std::out_of_range);
}

TEST_CASE("a slice keeps the owned memory of its body alive", "[bytes]") {
  Body slice;
  {
    Body body;
    body.append_copy(as_bytes("owned bytes"));
    slice = body.slice(6, 5);
  }
  CHECK(text_of(slice) == "bytes");
}

TEST_CASE("a body reader goes to any offset and back", "[bytes]") {
  const Body body = rope();
  BodyReader reader(body);
  std::string two(2, '?');
  for (const std::size_t offset : {4U, 0U, 1U, 5U, 6U}) {
    reader.seek(offset);
    const std::size_t count = reader.read(std::as_writable_bytes(std::span(two)));
    CHECK(two.substr(0, count) == std::string("abcdef").substr(offset, 2));
  }
}

TEST_CASE("a buffer shrinks but never grows", "[bytes]") {
  Buffer buffer(4);
  buffer.shrink(2);
  CHECK(buffer.size() == 2);
  CHECK_THROWS_AS(buffer.shrink(3), std::out_of_range);
}

TEST_CASE("a body of a source has the bytes that the source gives for its part", "[bytes]") {
  const Body body(std::make_shared<Letters>(), 6);

  CHECK(body.size() == 6);
  CHECK_FALSE(body.in_memory());
  CHECK(text_of(body.load()) == "abcdef");
  CHECK(text_of(body.slice(1, 4).load()) == "bcde");
  CHECK(text_of(body.slice(1, 4).slice(2, 2).load()) == "de");
  CHECK_THROWS_AS(body.slice(1, 4).slice(2, 3), std::out_of_range);
}

TEST_CASE("bytes that are not in memory are not read by mistake", "[bytes]") {
  Body body(std::make_shared<Letters>(), 6);

  CHECK_THROWS_AS(body.segments(), std::logic_error);
  CHECK_THROWS_AS(body.append(as_bytes("x")), std::logic_error);
  CHECK_THROWS_AS(Body("x").append(body), std::logic_error);
}

TEST_CASE("a source that gives other bytes than were asked for is caught", "[bytes]") {
  CHECK_THROWS_AS(Body(std::make_shared<Short>(), 2).load(), std::logic_error);
}
