#include "tests/conformance/place.hpp"
#include "tests/support/catch.hpp"

using namespace cairn::vfs;
using namespace cairn::conformance;

TEST_CASE("a copy has the bytes of its source, which stays", "[conformance][copy]") {
  const Place place;
  place.files.write("a", "text");
  const WriteResult result = place.files.copy("a", "d/b");
  CHECK(place.files.read_text("d/b") == "text");
  CHECK(place.files.read_text("a") == "text");
  CHECK(result.etag == place.files.stat("d/b")->etag);
}

TEST_CASE("a copy replaces its target", "[conformance][copy]") {
  const Place place;
  place.files.write("a", "new");
  place.files.write("b", "something old");
  place.files.copy("a", "b");
  CHECK(place.files.read_text("b") == "new");
}

TEST_CASE("a copy keeps content type and metadata", "[conformance][copy]") {
  const Place place;
  if (!place.can.metadata) return;
  place.files.write("a", "x", {.content_type = "text/plain", .metadata = {{"run", "7"}}});
  place.files.copy("a", "b");
  CHECK(place.files.stat("b")->content_type == "text/plain");
  CHECK(place.files.stat("b")->metadata.at("run") == "7");
}

TEST_CASE("a large file is copied", "[conformance][copy]") {
  const Place place;
  const std::string text = pattern(20 * kMiB);
  place.files.write("a", text);
  place.files.copy("a", "b");
  CHECK((place.files.read_text("b") == text));
}

TEST_CASE("what is not there can't be copied or moved", "[conformance][copy]") {
  const Place place;
  place.files.write("b", "old");
  CHECK(code_of([&] { place.files.copy("none", "b"); }) == ErrorCode::not_found);
  CHECK(code_of([&] { place.files.move("none", "b"); }) == ErrorCode::not_found);
  CHECK(place.files.read_text("b") == "old");
}

TEST_CASE("a copy of odd names finds source and target", "[conformance][copy]") {
  const Place place;
  const std::string odd = "a b+c%2Fd&e?f#g/h=i;j";
  place.files.write(odd, "x");
  place.files.copy(odd, "copy of " + odd);
  CHECK(place.files.read_text("copy of " + odd) == "x");
}

TEST_CASE("a copy that shall create does not replace", "[conformance][copy]") {
  const Place place;
  if (!place.can.create_only_copy) return;
  place.files.write("a", "new");
  place.files.write("b", "old");
  if (server_has(Fault::rewrite_ignores_conditions)) {
    place.files.copy("a", "b", {.if_absent = true});
    CHECK(place.files.read_text("b") == "new");
    return;
  }
  CHECK(code_of([&] { place.files.copy("a", "b", {.if_absent = true}); }) ==
        ErrorCode::already_exists);
  CHECK(place.files.read_text("b") == "old");
  place.files.copy("a", "c", {.if_absent = true});
  CHECK(place.files.read_text("c") == "new");
}

TEST_CASE("a copy onto itself changes nothing", "[conformance][copy]") {
  const Place place;
  const std::string etag = place.files.write("a", "x").etag;
  CHECK(place.files.copy("a", "a").etag == etag);
  CHECK(place.files.move("a", "a").etag == etag);
  CHECK(place.files.read_text("a") == "x");
}

TEST_CASE("a moved file is at its new place only", "[conformance][move]") {
  const Place place;
  place.files.write("a", "text");
  place.files.write("d/b", "old");
  place.files.move("a", "d/b");
  CHECK(place.files.read_text("d/b") == "text");
  CHECK_FALSE(place.files.exists("a"));
}
