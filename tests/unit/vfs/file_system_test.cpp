#include "vfs/file_system.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/temporary_folder.hpp"
#include "vfs/context.hpp"

using namespace cairn::vfs;

TEST_CASE("paths are relative to the URL that was opened", "[file_system]") {
  for (const std::string root : {"memory://b/some/root", "memory://b/some/root/"}) {
    const auto files = FileSystem::open(root);
    files.write("d/f", "x");

    CHECK(files.url("d/f") == "memory://b/some/root/d/f");
    CHECK(files.list("").front().path == Path("d/"));
    CHECK(files.list("d").front().path == Path("d/f"));
    CHECK(files.stat("d/f")->path == Path("d/f"));
    CHECK(files.list("", {.recursive = true}).front().path == Path("d/f"));
    CHECK(files.stat("")->type == FileType::directory);
    CHECK(files.store().stat("some/root/d/f", {}).has_value());
    CHECK(files.remove_all("") == 1);
  }
}

TEST_CASE("a location has the path within the whole store", "[file_system]") {
  const TemporaryFolder folder;
  const auto context = Context::make();
  const Location location = context->resolve(folder.string() + "/a/b");

  location.file_system.write(location.path, "x");

  CHECK(location.file_system.list(folder.string() + "/a").front().path ==
        Path(folder.string() + "/a/b"));
}

TEST_CASE("a name that ends in '/' is no file", "[file_system]") {
  const auto files = FileSystem::open("memory:");
  for (const char* path : {"", "d/"}) {
    CHECK_THROWS_AS(files.write(path, "x"), Error);
    CHECK_THROWS_AS(files.open_write(path), Error);
    CHECK_THROWS_AS(files.remove(path), Error);
    CHECK_THROWS_AS(files.copy("a", path), Error);
    CHECK_THROWS_AS(files.move("a", path), Error);
  }
}

TEST_CASE("errors name the URL, the operation and the cause", "[file_system]") {
  const auto files = FileSystem::open("memory://b/root");
  CHECK_THROWS_WITH(files.read("k"), "cannot read memory://b/root/k: not found");
  CHECK_THROWS_WITH(files.open_read("k"), "cannot read memory://b/root/k: not found");
  CHECK_THROWS_WITH(files.copy("k", "j"), "cannot copy memory://b/root/k: not found");
  CHECK_THROWS_WITH(files.list("k"),
                    "cannot list memory://b/root/k: not found: there is no such directory");
}

TEST_CASE("a listing may begin after a name, also below a root", "[file_system]") {
  const auto files = FileSystem::open("memory://b/root");
  for (const char* path : {"a", "b", "c"}) files.write(path, "x");
  const auto entries = files.list("", {.start_after = "a"});
  REQUIRE(entries.size() == 2);
  CHECK(entries.front().path == Path("b"));
}

TEST_CASE("names with magic characters are names, not patterns", "[file_system]") {
  const auto files = FileSystem::open("memory:");
  files.write("a1.txt", "digit");
  files.write("a[1].txt", "bracket");

  CHECK(files.read_text("a[1].txt") == "bracket");
  files.remove("a[1].txt");

  CHECK(files.read_text("a1.txt") == "digit");
}
