#include "tests/support/catch.hpp"
#include "tests/support/recorded_memory.hpp"
#include "vfs/error.hpp"

using namespace cairn::vfs;
using cairn::test::RecordedMemory;

namespace {

std::vector<std::string> names(const std::vector<FileInfo>& entries) {
  std::vector<std::string> out;
  for (const FileInfo& info : entries) out.push_back(info.path.string());
  return out;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a file and a directory may share a name in an object store", "[tree]") {
  const RecordedMemory memory;
  memory.files.write("dup", "x");
  memory.files.write("dup/inner", "x");

  CHECK(names(memory.files.list("")) == Names{"dup", "dup/"});
  CHECK(names(memory.files.list("dup")) == Names{"dup/inner"});
  CHECK(memory.files.stat("dup")->type == FileType::file);
  CHECK(memory.files.stat("dup/")->type == FileType::directory);
}

TEST_CASE("directory markers make directories but are not entries", "[tree]") {
  const RecordedMemory memory;
  memory.store->put("lone/", "", {});
  memory.store->put("d/", "", {});
  memory.files.write("d/f", "x");

  CHECK(names(memory.files.list("")) == Names{"d/", "lone/"});
  CHECK(names(memory.files.list("d")) == Names{"d/f"});
  CHECK(memory.files.list("lone").empty());
  CHECK(names(memory.files.list("", {.recursive = true})) == Names{"d/f"});
  CHECK(memory.files.stat("lone")->type == FileType::directory);
}

TEST_CASE("a name that only begins like a directory is none of it", "[tree]") {
  const RecordedMemory memory;
  memory.files.write("subdir.txt", "x");
  CHECK_FALSE(memory.files.exists("subdir"));
  CHECK_THROWS_AS(memory.files.list("subdir"), Error);
}

TEST_CASE("stat of a file asks once", "[tree]") {
  const RecordedMemory memory;
  memory.memory->put("k", "x", {});
  CHECK(memory.files.stat("k")->size == 1);
  CHECK(memory.store->calls() == Names{"stat k"});
}

TEST_CASE("all pages of a listing are read", "[tree]") {
  const RecordedMemory memory;
  for (int i = 0; i < 25; ++i) memory.memory->put(std::to_string(100 + i), "x", {});
  CHECK(memory.files.list("", {.page_size = 10}).size() == 25);
  CHECK(memory.store->count("list") == 3);
}

TEST_CASE("empty segments of a name are kept", "[tree]") {
  const RecordedMemory memory;
  memory.files.write("e//f", "x");
  CHECK(names(memory.files.list("e")) == Names{"e//"});
  CHECK(names(memory.files.list("e/", {.recursive = true})) == Names{"e//f"});
  CHECK(memory.files.read_text("e//f") == "x");
}

TEST_CASE("a listing that never ends is found out", "[tree]") {
  const RecordedMemory memory;
  memory.files.write("d/f", "x");
  const bool empty = GENERATE(false, true);
  int pages = 0;
  memory.store->after_list = [&](ListPage& page) {
    if (empty) page.entries.clear();
    page.next_page_token = std::to_string(++pages);  // a new one each time
  };
  try {
    static_cast<void>(memory.files.list("d"));
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::corrupt);
    CHECK(pages <= 1001);
  }
}
