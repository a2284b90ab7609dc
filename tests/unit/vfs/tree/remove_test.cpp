#include "tests/support/catch.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/recorded_memory.hpp"
#include "vfs/error.hpp"

using namespace cairn::vfs;
using cairn::test::RecordedMemory;

TEST_CASE("remove_all goes in batches and takes markers along", "[tree]") {
  const RecordedMemory memory;
  for (int i = 0; i < 2500; ++i) memory.memory->put("d/" + std::to_string(i), "x", {});
  memory.memory->put("d/", "", {});
  memory.memory->put("d.txt", "x", {});

  CHECK(memory.files.remove_all("d") == 2501);

  CHECK(memory.store->count("remove") == 3);
  CHECK_FALSE(memory.files.exists("d"));
  CHECK(memory.files.exists("d.txt"));
}

TEST_CASE("remove_all of nothing removes nothing", "[tree]") {
  const RecordedMemory memory;
  CHECK(memory.files.remove_all("none") == 0);
}

TEST_CASE("where a store removes trees, remove_all is one removal", "[tree]") {
  const RecordedMemory memory;
  for (const char* path : {"d/a", "d/e/b", "d/e/c", "other"}) memory.memory->put(path, "x", {});
  memory.store->limits.directories = true;
  memory.store->limits.removes_trees = true;

  CHECK(memory.files.remove_all("d") == 3);

  CHECK(memory.store->calls() == std::vector<std::string>{"list d/ recursive", "remove 1"});
}

TEST_CASE("where a store removes trees, remove_all of the root takes them one by one", "[tree]") {
  const RecordedMemory memory;
  for (const char* path : {"d/a", "e/b", "e/c", "f", "g"}) memory.memory->put(path, "x", {});
  memory.store->limits.directories = true;
  memory.store->limits.removes_trees = true;

  CHECK(memory.files.remove_all("") == 5);

  CHECK(memory.store->calls() ==
        std::vector<std::string>{"list ", "list d/ recursive", "remove 1", "list e/ recursive",
                                 "remove 1", "remove 2"});
}

TEST_CASE("a tree that could not be removed is an error", "[tree]") {
  const RecordedMemory memory;
  memory.store->limits.directories = true;
  memory.store->limits.removes_trees = true;
  memory.store->before = [](const std::string& call) {
    if (call.starts_with("remove")) throw Error(ErrorCode::permission_denied, {});
  };
  CHECK_THROWS_AS(memory.files.remove_all("d"), Error);
}

TEST_CASE("what could not be removed is told, and the rest goes", "[tree]") {
  const RecordedMemory memory;
  memory.store->held = [](const Path& path) { return path.string().starts_with("d/keep"); };
  for (const char* path : {"d/a", "d/keep1", "d/keep2", "d/z"}) memory.files.write(path, "x");

  try {
    memory.files.remove_all("d");
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::permission_denied);
    CHECK(contains(error.what(), "memory:d/keep1"));
    CHECK(contains(error.what(), "and 1 more"));
  }

  CHECK(memory.files.list("d").size() == 2);
}

TEST_CASE("a file that could not be removed is told with its cause", "[tree]") {
  const RecordedMemory memory;
  memory.store->held = [](const Path&) { return true; };
  memory.files.write("keep", "x");
  try {
    memory.files.remove("keep");
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::permission_denied);
  }
}
