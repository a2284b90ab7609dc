#include "tests/conformance/place.hpp"
#include "tests/support/catch.hpp"

using namespace cairn::vfs;
using namespace cairn::conformance;

TEST_CASE("a file that shall be created is, once", "[conformance][condition]") {
  const Place place;
  if (!place.can.create_only) return;
  place.files.write("f", "first", {.if_absent = true});
  CHECK(code_of([&] { place.files.write("f", "second", {.if_absent = true}); }) ==
        ErrorCode::already_exists);
  CHECK(place.files.read_text("f") == "first");
}

TEST_CASE("an empty file that shall be created does not truncate an old one",
          "[conformance][condition]") {
  const Place place;
  if (!place.can.create_only) return;
  place.files.write("f", "old");
  CHECK(code_of([&] { place.files.write("f", "", {.if_absent = true}); }) ==
        ErrorCode::already_exists);
  CHECK(code_of([&] { place.files.open_write("f", {.if_absent = true}).commit(); }) ==
        ErrorCode::already_exists);
  CHECK(place.files.read_text("f") == "old");
}

TEST_CASE("a large file that shall be created does not replace", "[conformance][condition]") {
  const Place place;
  if (!place.can.create_only) return;
  const std::string text = pattern(20 * kMiB);
  place.files.write("f", "old");
  if (server_has(Fault::compose_ignores_conditions)) {
    place.files.write("f", text, {.if_absent = true});
    CHECK((place.files.read_text("f") == text));
    return;
  }
  CHECK(code_of([&] { place.files.write("f", text, {.if_absent = true}); }) ==
        ErrorCode::already_exists);
  CHECK(place.files.read_text("f") == "old");
  place.files.write("g", text, {.if_absent = true});
  CHECK((place.files.read_text("g") == text));
}

TEST_CASE("a file is replaced under its etag and not under an older one",
          "[conformance][condition]") {
  const Place place;
  if (!place.can.replace_if_match) return;
  const std::string first = place.files.write("f", "1").etag;
  const std::string second = place.files.write("f", "2", {.if_match = first}).etag;
  CHECK(code_of([&] { place.files.write("f", "3", {.if_match = first}); }) ==
        ErrorCode::precondition_failed);
  CHECK(place.files.read_text("f") == "2");
  place.files.write("f", "3", {.if_match = second});
  CHECK(place.files.read_text("f") == "3");
}

TEST_CASE("what is gone can't be replaced under its etag", "[conformance][condition]") {
  const Place place;
  if (!place.can.replace_if_match) return;
  const std::string etag = place.files.write("f", "1").etag;
  place.files.remove("f");
  CHECK(code_of([&] { place.files.write("f", "2", {.if_match = etag}); }) ==
        ErrorCode::precondition_failed);
  CHECK_FALSE(place.files.exists("f"));
}

TEST_CASE("a large file obeys the etag", "[conformance][condition]") {
  const Place place;
  if (!place.can.replace_if_match) return;
  const std::string text = pattern(20 * kMiB);
  const std::string old = place.files.write("f", "1").etag;
  place.files.write("f", "2");
  if (server_has(Fault::compose_ignores_conditions)) {
    place.files.write("f", text, {.if_match = old});
    CHECK((place.files.read_text("f") == text));
    return;
  }
  CHECK(code_of([&] { place.files.write("f", text, {.if_match = old}); }) ==
        ErrorCode::precondition_failed);
  CHECK(place.files.read_text("f") == "2");
}

TEST_CASE("a writer keeps to its condition at commit", "[conformance][condition]") {
  const Place place;
  if (!place.can.create_only) return;
  Writer writer = place.files.open_write("f", {.if_absent = true});
  writer.write("slow");
  place.files.write("f", "fast");
  CHECK(code_of([&] { writer.commit(); }) == ErrorCode::already_exists);
  CHECK(place.files.read_text("f") == "fast");
}
