// Tensors of local files that are the file's memory.
#include <cstring>

#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/unit/checkpoint/format/support.hpp"

using namespace cairn;
using namespace cairn::checkpoint;
using format::Archive;

namespace {

Value tree() {
  const StoredTensor tied = format::make_tensor({3, 4, 5}, {3});
  return Dict{{"a", format::make_tensor({1, 2}, {2})}, {"b", tied}, {"c", tied}, {"step", 7}};
}

struct Disk {
  TemporaryFolder folder{};
  vfs::FileSystem files{vfs::FileSystem::open(folder.string())};
  vfs::Path path{"a.ckpt"};

  explicit Disk(const SaveOptions& options = {}) { format::save(files, path, tree(), options); }
  [[nodiscard]] Value load(LoadOptions options = {}) const {
    options.map = true;
    return format::load(files, path, options);
  }
  /// Turns a bit of the first element of "a" around.
  void damage() const {
    std::string file = files.read_text(path);
    file[Archive(files, path).records().at(4).offset] ^= 1;
    files.write(path, file);
  }
};

float& first(const Value& tensor) {
  return *reinterpret_cast<float*>(tensor.as_tensor().storage->data);
}

/// A caller's memory that must not be asked for.
void refuse(Storage& /*storage*/) {
  throw std::logic_error("memory was asked for");
}

}  // namespace

TEST_CASE("a mapped file has the values of one that is read, in no memory of its own",
          "[format][map]") {
  const Disk disk;

  const Value mapped = disk.load({.allocate = refuse});

  CHECK(equal(mapped, tree()));
  CHECK(mapped.at("b").as_tensor().storage == mapped.at("c").as_tensor().storage);
}

TEST_CASE("tensors of a mapped file may be changed: neither the file nor another load sees it",
          "[format][map]") {
  const Disk disk;
  const Archive archive(disk.files, disk.path, {.map = true});
  const Value one = archive.load();

  first(one.at("a")) = 100;

  CHECK(first(archive.load("a")) == 1);
  CHECK(equal(format::load(disk.files, disk.path), tree()));
}

TEST_CASE("a mapped file stays what it is when another takes its place", "[format][map]") {
  const Disk disk;
  const Value mapped = disk.load();

  disk.files.write(disk.path, "something else");
  disk.files.remove(disk.path);

  CHECK(equal(mapped, tree()));
}

TEST_CASE("a mapped file is verified, unless that is switched off", "[format][map]") {
  const Disk disk;
  disk.damage();

  CHECK_THROWS_WITH(disk.load(), Catch::Contains("data/0 is damaged"));
  CHECK(first(disk.load({.verify = false}).at("a")) != 1);
}

TEST_CASE("data that no element may begin at are read instead", "[format][map]") {
  const Disk disk({.alignment = 1});
  int asked = 0;

  const Value mapped = disk.load({.allocate = [&asked](Storage& storage) {
    ++asked;
    auto memory = std::make_shared<vfs::Buffer>(static_cast<std::size_t>(storage.nbytes));
    storage.data = memory->data();
    storage.owner = memory;
  }});

  CHECK(equal(mapped, tree()));
  CHECK(asked > 0);
}

TEST_CASE("where files can't be mapped they are read", "[format][map]") {
  const auto files = vfs::FileSystem::open("memory://bucket");
  format::save(files, vfs::Path("a.ckpt"), tree());

  CHECK(equal(format::load(files, vfs::Path("a.ckpt"), {.map = true}), tree()));
}
