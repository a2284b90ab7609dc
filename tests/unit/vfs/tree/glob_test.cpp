#include "tests/support/catch.hpp"
#include "tests/support/recorded_memory.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace cairn::vfs;
using cairn::test::RecordedMemory;

namespace {

std::vector<std::string> names(const std::vector<FileInfo>& entries) {
  std::vector<std::string> out;
  for (const FileInfo& info : entries) {
    out.push_back(info.path.string() + (info.type == FileType::directory ? " (dir)" : ""));
  }
  return out;
}

using Names = std::vector<std::string>;

void fill(const FileSystem& files) {
  for (const char* path : {"file1", "file2", "run1/a.ckpt", "run1/b.ckpt", "run1/sub/c.ckpt",
                           "run2/a.ckpt", "other/a.txt"}) {
    files.write(path, "x");
  }
}

void check_all(const FileSystem& files) {
  fill(files);
  const auto glob = [&](const char* pattern) { return names(files.glob(Glob(pattern))); };

  CHECK(glob("file?") == Names{"file1", "file2"});
  CHECK(glob("*") == Names{"file1", "file2", "other (dir)", "run1 (dir)", "run2 (dir)"});
  CHECK(glob("*/") == Names{"other (dir)", "run1 (dir)", "run2 (dir)"});
  CHECK(glob("run*/a.ckpt") == Names{"run1/a.ckpt", "run2/a.ckpt"});
  CHECK(glob("run*/*.ckpt") == Names{"run1/a.ckpt", "run1/b.ckpt", "run2/a.ckpt"});
  CHECK(glob("run1/*/c.ckpt") == Names{"run1/sub/c.ckpt"});
  CHECK(glob("**/*.ckpt") == Names{"run1/a.ckpt", "run1/b.ckpt", "run1/sub/c.ckpt", "run2/a.ckpt"});
  CHECK(glob("run1/**") ==
        Names{"run1 (dir)", "run1/a.ckpt", "run1/b.ckpt", "run1/sub (dir)", "run1/sub/c.ckpt"});
  CHECK(glob("**/sub/") == Names{"run1/sub (dir)"});
  CHECK(glob("run1/a.ckpt") == Names{"run1/a.ckpt"});
  CHECK(glob("run1") == Names{"run1 (dir)"});
  CHECK(glob("run1/") == Names{"run1 (dir)"});
  CHECK(glob("file1/") == Names{});
  CHECK(glob("none*") == Names{});
  CHECK(glob("none/*") == Names{});
}

}  // namespace

TEST_CASE("glob finds files and directories in an object store", "[glob][tree]") {
  check_all(RecordedMemory().files);
}

TEST_CASE("glob finds files and directories on disk", "[glob][tree]") {
  const TemporaryFolder folder;
  check_all(FileSystem::open(folder.string()));
}

TEST_CASE("glob finds files below the URL that was opened", "[glob][tree]") {
  const auto files = FileSystem::open("memory://bucket/some/root[1]");
  check_all(files);
}

TEST_CASE("glob lists as little as the pattern allows", "[glob][tree]") {
  RecordedMemory memory;
  fill(memory.files);
  const std::size_t before = memory.store->calls().size();

  static_cast<void>(memory.files.glob(Glob("run1/a*.ckpt")));

  const auto calls = memory.store->calls();
  CHECK(std::vector(calls.begin() + static_cast<std::ptrdiff_t>(before), calls.end()) ==
        Names{"list run1/a"});
}
