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

namespace {

/// Refuses to remove what has "keep" in its name.
class StubbornStore final : public Store {
 public:
  explicit StubbornStore(std::shared_ptr<Store> inner) : inner_(std::move(inner)) {}
  const Capabilities& capabilities() const override { return inner_->capabilities(); }
  std::string url(const Path& path) const override { return inner_->url(path); }
  std::optional<FileInfo> stat(const Path& path, const CallOptions& options) override {
    return inner_->stat(path, options);
  }
  ReadResult read(const Path& path, std::uint64_t offset, std::span<std::byte> out,
                  const ReadOptions& options) override {
    return inner_->read(path, offset, out, options);
  }
  WriteResult put(const Path& path, const Body& body, const WriteOptions& options) override {
    return inner_->put(path, body, options);
  }
  std::unique_ptr<Upload> start_upload(const Path& path, const WriteOptions& options) override {
    return inner_->start_upload(path, options);
  }
  ListPage list_page(const Path& prefix, const ListOptions& options) override {
    return inner_->list_page(prefix, options);
  }
  std::vector<RemoveResult> remove(std::span<const Path> paths,
                                   const CallOptions& options) override {
    std::vector<RemoveResult> results;
    for (const Path& path : paths) {
      if (contains(path.string(), "keep")) {
        results.push_back({.path = path, .error = "held", .code = ErrorCode::permission_denied});
      } else {
        results.push_back(inner_->remove(std::span(&path, 1), options).front());
      }
    }
    return results;
  }
  WriteResult copy(const Path& from, const Path& to, const WriteOptions& options) override {
    return inner_->copy(from, to, options);
  }
  WriteResult move(const Path& from, const Path& to, const WriteOptions& options) override {
    return inner_->move(from, to, options);
  }

 private:
  std::shared_ptr<Store> inner_;
};

}  // namespace

TEST_CASE("what could not be removed is told, and the rest goes", "[tree]") {
  const RecordedMemory memory;
  const FileSystem files(std::make_shared<StubbornStore>(memory.memory), memory.context);
  for (const char* path : {"d/a", "d/keep1", "d/keep2", "d/z"}) files.write(path, "x");

  try {
    files.remove_all("d");
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::permission_denied);
    CHECK(contains(error.what(), "memory:d/keep1"));
    CHECK(contains(error.what(), "and 1 more"));
  }

  CHECK(files.list("d").size() == 2);
}

TEST_CASE("a file that could not be removed is told with its cause", "[tree]") {
  const RecordedMemory memory;
  const FileSystem files(std::make_shared<StubbornStore>(memory.memory), memory.context);
  files.write("keep", "x");
  try {
    files.remove("keep");
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::permission_denied);
  }
}
