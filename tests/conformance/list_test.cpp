#include <algorithm>

#include "tests/conformance/place.hpp"
#include "tests/support/catch.hpp"

using namespace cairn::vfs;
using namespace cairn::conformance;

namespace {

void make(const Place& place, std::initializer_list<const char*> paths) {
  for (const char* path : paths) place.files.write(path, "x");
}

}  // namespace

TEST_CASE("a listing has the files and directories of one level, sorted", "[conformance][list]") {
  const Place place;
  make(place, {"b", "a/1", "a/2", "c/d/e", "B"});
  CHECK(names(place.files.list("")) == Names{"B", "a/", "b", "c/"});
  CHECK(names(place.files.list("a")) == Names{"a/1", "a/2"});
  CHECK(names(place.files.list("a/")) == Names{"a/1", "a/2"});
  CHECK(names(place.files.list("c")) == Names{"c/d/"});
}

TEST_CASE("a recursive listing has all files below", "[conformance][list]") {
  const Place place;
  make(place, {"b", "a/1", "a/x/2", "a.txt", "c/d/e"});
  CHECK(names(place.files.list("", {.recursive = true})) ==
        Names{"a.txt", "a/1", "a/x/2", "b", "c/d/e"});
  CHECK(names(place.files.list("a", {.recursive = true})) == Names{"a/1", "a/x/2"});
}

TEST_CASE("entries say size and etag", "[conformance][list]") {
  const Place place;
  const std::string etag = place.files.write("f", "12345").etag;
  const auto entries = place.files.list("");
  REQUIRE(entries.size() == 1);
  CHECK(entries.front().size == 5);
  CHECK(entries.front().etag == (server_has(Fault::no_etags_in_listing) ? "" : etag));
  // Some services list milliseconds and tell whole seconds of one file.
  const auto apart = entries.front().modified - place.files.stat("f")->modified;
  CHECK(std::chrono::abs(apart) < std::chrono::seconds(1));
}

TEST_CASE("a name that begins like the directory is not in it", "[conformance][list]") {
  const Place place;
  make(place, {"sub/f", "sub.txt", "subway/g"});
  CHECK(names(place.files.list("sub")) == Names{"sub/f"});
  CHECK(names(place.files.list("sub", {.recursive = true})) == Names{"sub/f"});
}

TEST_CASE("a directory that is not there is not found", "[conformance][list]") {
  const Place place;
  make(place, {"f"});
  CHECK(code_of([&] { static_cast<void>(place.files.list("none")); }) == ErrorCode::not_found);
  CHECK(code_of([&] { static_cast<void>(place.files.list("none", {.recursive = true})); }) ==
        ErrorCode::not_found);
}

TEST_CASE("a file is not listed as a directory", "[conformance][list]") {
  const Place place;
  make(place, {"f"});
  CHECK(code_of([&] { static_cast<void>(place.files.list("f")); }) == ErrorCode::not_a_directory);
}

TEST_CASE("more names than fit on one page are all listed", "[conformance][list]") {
  const Place place;
  Names expected;
  for (int i = 0; i < 1050; ++i) {
    expected.push_back("many/" + std::to_string(10'000 + i));
    place.files.write(expected.back(), "");
  }
  CHECK((names(place.files.list("many")) == expected));
  CHECK((names(place.files.list("", {.recursive = true})) == expected));
  CHECK((names(place.files.list("", {.recursive = true, .page_size = 100})) == expected));
}

TEST_CASE("small pages give each directory once", "[conformance][list]") {
  const Place place;
  make(place, {"a/1", "a/2", "a/3", "b", "c/1", "c/2"});
  CHECK(names(place.files.list("", {.page_size = 1})) == Names{"a/", "b", "c/"});
  CHECK(names(place.files.list("", {.recursive = true, .page_size = 2})) ==
        Names{"a/1", "a/2", "a/3", "b", "c/1", "c/2"});
}

TEST_CASE("a listing may begin after a name", "[conformance][list]") {
  const Place place;
  make(place, {"a", "b", "c"});
  CHECK(names(place.files.list("", {.start_after = "a"})) == Names{"b", "c"});
  CHECK(names(place.files.list("", {.start_after = "c"})).empty());
}

TEST_CASE("a store lists names by their beginning", "[conformance][list]") {
  const Place place;
  make(place, {"run-1", "run-2", "ruin", "run/f"});
  const ListPage page = place.store().list_page(place.in_store("run"), {});
  Names found;
  for (const FileInfo& info : page.entries) found.push_back(std::string(info.path.name()));
  std::sort(found.begin(), found.end());
  CHECK(found == Names{"run", "run-1", "run-2"});
}

TEST_CASE("a listing is as fresh as the last write", "[conformance][list]") {
  const Place place;
  make(place, {"a"});
  CHECK(names(place.files.list("")) == Names{"a"});
  make(place, {"b"});
  CHECK(names(place.files.list("")) == Names{"a", "b"});
  place.files.remove("a");
  CHECK(names(place.files.list("")) == Names{"b"});
}

TEST_CASE("a glob finds files and directories", "[conformance][list]") {
  const Place place;
  make(place, {"run1/a.ckpt", "run1/b.ckpt", "run2/a.ckpt", "run2/sub/c.ckpt", "other/a.txt"});
  const auto glob = [&](const char* text) {
    Names found;
    for (const FileInfo& info : place.files.glob(Glob(text))) found.push_back(info.path.string());
    return found;
  };
  CHECK(glob("run*") == Names{"run1", "run2"});
  CHECK(glob("run*/a.ckpt") == Names{"run1/a.ckpt", "run2/a.ckpt"});
  CHECK(glob("run[2-9]/*.ckpt") == Names{"run2/a.ckpt"});
  CHECK(glob("**/*.ckpt") == Names{"run1/a.ckpt", "run1/b.ckpt", "run2/a.ckpt", "run2/sub/c.ckpt"});
  CHECK(glob("nothing*").empty());
}

TEST_CASE("stat tells files from directories and from nothing", "[conformance][list]") {
  const Place place;
  make(place, {"d/f"});
  CHECK(place.files.stat("d/f")->type == FileType::file);
  CHECK(place.files.stat("d")->type == FileType::directory);
  CHECK(place.files.stat("d/")->type == FileType::directory);
  CHECK_FALSE(place.files.stat("d/none"));
  CHECK_FALSE(place.files.stat("d/f/"));
  CHECK_FALSE(place.files.stat("none"));
  CHECK_FALSE(place.files.exists("none"));
  CHECK(place.files.exists("d"));
}
