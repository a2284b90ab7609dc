#include <stdexcept>

#include "tests/conformance/place.hpp"
#include "tests/support/catch.hpp"

using namespace cairn::vfs;
using namespace cairn::conformance;

TEST_CASE("nothing is to be seen before commit", "[conformance][stream]") {
  const Place place;
  Writer writer = place.files.open_write("f");
  writer.write("half ");
  CHECK_FALSE(place.files.exists("f"));
  writer.write("whole");
  const WriteResult result = writer.commit();
  CHECK(result.size == 10);
  CHECK(result.etag == place.files.stat("f")->etag);
  CHECK(place.files.read_text("f") == "half whole");
}

TEST_CASE("a writer without commit leaves nothing", "[conformance][stream]") {
  const Place place;
  {
    place.files.open_write("small").write("x");
  }
  {
    place.files.open_write("large").write(pattern(20 * kMiB));
  }
  CHECK_FALSE(place.files.exists("small"));
  CHECK_FALSE(place.files.exists("large"));
  CHECK(code_of([&] { static_cast<void>(place.files.list("d")); }) == ErrorCode::not_found);
}

TEST_CASE("an exception leaves the old file", "[conformance][stream]") {
  const Place place;
  place.files.write("f", "old");
  try {
    Writer writer = place.files.open_write("f");
    writer.write(pattern(20 * kMiB));
    throw std::runtime_error("out of luck");
  } catch (const std::runtime_error&) {
  }
  CHECK(place.files.read_text("f") == "old");
}

TEST_CASE("an aborted writer leaves the old file", "[conformance][stream]") {
  const Place place;
  place.files.write("f", "old");
  Writer writer = place.files.open_write("f");
  writer.write(pattern(20 * kMiB));
  writer.abort();
  CHECK(place.files.read_text("f") == "old");
}

TEST_CASE("a large file is written in small steps", "[conformance][stream]") {
  const Place place;
  const std::string text = pattern(21 * kMiB + 7);
  Writer writer = place.files.open_write("f");
  for (std::size_t at = 0; at < text.size(); at += 99'999)
    writer.write(std::string_view(text).substr(at, 99'999));
  CHECK(writer.commit().size == text.size());
  CHECK((place.files.read_text("f") == text));
}

TEST_CASE("a writer of exactly one and exactly two parts", "[conformance][stream]") {
  const Place place;
  for (const std::uint64_t parts : {1U, 2U}) {
    const std::string text = pattern(parts * place.can.part_size);
    Writer writer = place.files.open_write("f");
    writer.write(text);
    writer.commit();
    CHECK((place.files.read_text("f") == text));
  }
}

TEST_CASE("a writer that writes nothing makes an empty file", "[conformance][stream]") {
  const Place place;
  place.files.open_write("f").commit();
  CHECK(place.files.stat("f")->size == 0);
}

TEST_CASE("a writer keeps content type and metadata in one part and in many",
          "[conformance][stream]") {
  const Place place;
  if (!place.can.metadata) return;
  for (const std::size_t size : {std::size_t{10}, 20 * kMiB}) {
    Writer writer =
        place.files.open_write("f", {.content_type = "text/plain", .metadata = {{"run", "7"}}});
    writer.write(pattern(size));
    writer.commit();
    CHECK(place.files.stat("f")->content_type == "text/plain");
    CHECK(place.files.stat("f")->metadata.at("run") == "7");
  }
}

TEST_CASE("a committed writer is closed", "[conformance][stream]") {
  const Place place;
  Writer writer = place.files.open_write("f");
  writer.commit();
  CHECK(code_of([&] { writer.write("x"); }) == ErrorCode::invalid_argument);
  CHECK(code_of([&] { writer.commit(); }) == ErrorCode::invalid_argument);
}
