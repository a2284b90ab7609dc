#include "tests/conformance/place.hpp"
#include "tests/support/catch.hpp"

using namespace cairn::vfs;
using namespace cairn::conformance;

TEST_CASE("a removed file is gone", "[conformance][remove]") {
  const Place place;
  place.files.write("f", "x");
  place.files.remove("f");
  CHECK_FALSE(place.files.exists("f"));
  CHECK(code_of([&] { static_cast<void>(place.files.read("f")); }) == ErrorCode::not_found);
}

TEST_CASE("removing what is not there is no error", "[conformance][remove]") {
  const Place place;
  CHECK_NOTHROW(place.files.remove("none"));
  CHECK_NOTHROW(place.files.remove("no/such/place"));
}

TEST_CASE("remove takes one file and not what begins like it", "[conformance][remove]") {
  const Place place;
  for (const char* path : {"f", "f2", "fd/x"}) place.files.write(path, "x");
  place.files.remove("f");
  CHECK(names(place.files.list("")) == Names{"f2", "fd/"});
}

TEST_CASE("a directory is not removed as a file", "[conformance][remove]") {
  const Place place;
  place.files.write("d/f", "x");
  if (place.can.directories) {
    CHECK(code_of([&] { place.files.remove("d"); }) == ErrorCode::is_a_directory);
  } else {
    place.files.remove("d");
  }
  CHECK(code_of([&] { place.files.remove("d/"); }) == ErrorCode::is_a_directory);
  CHECK(place.files.exists("d/f"));
}

TEST_CASE("remove_all takes a directory and nothing beside it", "[conformance][remove]") {
  const Place place;
  for (const char* path : {"d/a", "d/b/c", "d.txt", "dd/x"}) place.files.write(path, "x");
  CHECK(place.files.remove_all("d") == 2);
  CHECK_FALSE(place.files.exists("d"));
  CHECK(names(place.files.list("")) == Names{"d.txt", "dd/"});
  CHECK(place.files.remove_all("d") == 0);
}

TEST_CASE("remove_all takes more files than fit in one request", "[conformance][remove]") {
  const Place place;
  for (int i = 0; i < 1010; ++i) place.files.write("many/" + std::to_string(i), "");
  CHECK(place.files.remove_all("many") == 1010);
  CHECK_FALSE(place.files.exists("many"));
}

TEST_CASE("a store removes many files with one result for each", "[conformance][remove]") {
  const Place place;
  place.files.write("a", "x");
  place.files.write("b & <c>", "x");
  const std::vector<Path> paths{place.in_store("a"), place.in_store("none"),
                                place.in_store("b & <c>")};
  const auto results = place.store().remove(paths, {});
  REQUIRE(results.size() == 3);
  for (const RemoveResult& result : results) CHECK(result.error.empty());
  CHECK_FALSE(place.files.exists("a"));
  CHECK_FALSE(place.files.exists("b & <c>"));
}

TEST_CASE("names with magic characters are removed as they are", "[conformance][remove]") {
  const Place place;
  place.files.write("a1", "x");
  place.files.write("a[1]", "x");
  place.files.write("a*", "x");
  place.files.remove("a[1]");
  place.files.remove("a*");
  CHECK(names(place.files.list("")) == Names{"a1"});
}
