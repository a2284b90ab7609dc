// Archives that are read in parts, and the index that they are verified with.
#include <numeric>

#include "checkpoint/format/index.hpp"
#include "checkpoint/format/tree_paths.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/recorded_memory.hpp"
#include "tests/unit/checkpoint/format/support.hpp"

using namespace cairn;
using namespace cairn::checkpoint;
using format::Archive;
using format::matches;

namespace {

constexpr std::int64_t kRows = 3000;
constexpr std::int64_t kColumns = 300;  // 3.6 MB: four pieces of the index

StoredTensor large() {
  std::vector<float> elements(kRows * kColumns);
  std::iota(elements.begin(), elements.end(), 0.0F);
  return format::make_tensor(std::move(elements), {kRows, kColumns});
}

Value tree() {
  return Dict{{"state_dict", Dict{{"encoder.0.weight", large()},
                                  {"encoder.0.bias", format::make_tensor({1, 2}, {2})},
                                  {"head.weight", format::make_tensor({3, 4, 5}, {3})}}},
              {"optimizer_states", List{Dict{{"state", Dict{{0, 7}, {"x.y", 8}}}}}},
              {"epoch", 3}};
}

struct Saved {
  vfs::FileSystem files{vfs::FileSystem::open("memory://bucket")};
  vfs::Path path{"a.ckpt"};
  explicit Saved(const SaveOptions& options = {}) { format::save(files, path, tree(), options); }
  [[nodiscard]] Archive open(const LoadOptions& options = {}) const {
    return Archive(files, path, options);
  }
  // Turns one bit of the file around.
  void flip(std::uint64_t offset) {
    vfs::Buffer content = files.read(path);
    content.data()[offset] ^= std::byte{1};
    files.write(path, content);
  }
};

float element(const StoredTensor& tensor, std::size_t index) {
  return reinterpret_cast<const float*>(tensor.storage->data)[index];
}

std::uint64_t offset_of(const Archive& archive, std::string_view name) {
  for (const format::ArchiveRecord& record : archive.records()) {
    if (record.name == name) return record.offset;
  }
  return 0;
}

}  // namespace

TEST_CASE("an archive is opened without its tensors, which come when they are asked for",
          "[format][archive]") {
  const Saved saved;
  const Archive archive = saved.open();

  CHECK(archive.root().at("epoch").as_int() == 3);
  CHECK(archive.root().at("state_dict").at("head.weight").as_tensor().storage->data == nullptr);
  const Value head = archive.load("state_dict.head.weight");
  CHECK(element(head.as_tensor(), 2) == 5);
  CHECK(archive.root().at("state_dict").at("head.weight").as_tensor().storage->data == nullptr);
  CHECK(equal(archive.load(), tree()));
}

TEST_CASE("a tensor of up to 16 MiB is one request", "[format][archive]") {
  const test::RecordedMemory memory;
  const std::vector<float> elements(std::size_t{4} << 20U, 1.5F);
  Dict state;
  for (int i = 0; i < 3; ++i) state[i] = format::make_tensor(elements, {4 << 20});
  format::save(memory.files, vfs::Path("a"), state);
  const Archive archive(memory.files, vfs::Path("a"));
  const std::size_t before = memory.store->count("read");

  const Value tensor = archive.load("1");

  CHECK(element(tensor.as_tensor(), elements.size() - 1) == 1.5F);
  CHECK(memory.store->count("read") - before == 1);
}

TEST_CASE("a path names a value, also where keys hold dots or are numbers", "[format][archive]") {
  const Saved saved;
  const Archive archive = saved.open();

  CHECK(archive.load("optimizer_states.0.state.0").as_int() == 7);
  CHECK(archive.load("optimizer_states.0.state.x.y").as_int() == 8);
  CHECK(archive.load("state_dict").as_dict().size() == 3);
  CHECK_THROWS_WITH(archive.load("state_dict.head.wieght"),
                    Catch::Contains("a.ckpt: 'state_dict' has no key 'head.wieght'; did you mean "
                                    "'head.weight'?"));
  CHECK_THROWS_WITH(archive.load("epoc"), Catch::Contains("a.ckpt: no key 'epoc'; did you mean"));
  CHECK_THROWS_WITH(archive.load("epoch.x"), Catch::Contains("'epoch', which is a int"));
}

TEST_CASE("a pattern names all leaves that match", "[format][archive]") {
  const Saved saved;
  const Archive archive = saved.open();

  const Value encoder = archive.load("state_dict.encoder.**");
  REQUIRE(encoder.as_dict().size() == 2);
  CHECK(element(encoder.at("state_dict.encoder.0.bias").as_tensor(), 1) == 2);
  CHECK(archive.load("state_dict.*").as_dict().size() == 0);
  CHECK(archive.load("nothing.**").as_dict().size() == 0);
  CHECK(matches("a.*.c", "a.b.c"));
  CHECK_FALSE(matches("a.*.c", "a.b.b.c"));
  CHECK(matches("a.**.c", "a.b.b.c"));
  CHECK(matches("**.weight", "x.y.weight"));
  CHECK_FALSE(matches("**.weight", "x.y.bias"));
  CHECK(matches("*.w*t", "x.weight"));
}

TEST_CASE("rows of a tensor are read and verified without the rest of it", "[format][archive]") {
  Saved saved;
  const Archive archive = saved.open();
  REQUIRE(archive.has_index());
  // Damage in the first piece does not matter to rows of the last, and does to rows of the first.
  saved.flip(offset_of(archive, "data/0"));
  const Archive damaged = saved.open();

  const StoredTensor rows = damaged.load_rows("state_dict.encoder.0.weight", 2990, 5);
  CHECK(rows.sizes == std::vector<std::int64_t>{5, kColumns});
  CHECK(element(rows, 0) == 2990.0F * kColumns);
  CHECK_THROWS_WITH(damaged.load_rows("state_dict.encoder.0.weight", 0, 1),
                    Catch::Contains("the checksum of a piece is wrong"));
  CHECK_THROWS_WITH(damaged.load_rows("state_dict.encoder.0.weight", 2999, 2),
                    Catch::Contains("rows 2999 to 3001 of a tensor that has 3000"));
}

TEST_CASE("rows of a tensor come from files without an index, too", "[format][archive]") {
  const Saved saved(SaveOptions{.index = false});
  const Archive archive = saved.open();

  CHECK_FALSE(archive.has_index());
  CHECK(element(archive.load_rows("state_dict.encoder.0.weight", 7, 1), 1) == 7 * kColumns + 1);
}

TEST_CASE("a file that is replaced after it was opened is never mixed", "[format][archive]") {
  const Saved saved;
  const Archive archive = saved.open();
  format::save(saved.files, saved.path, tree());

  CHECK_THROWS_AS(archive.load("state_dict.encoder.0.weight"), vfs::Error);
}

TEST_CASE("verify finds damage in any record", "[format][archive]") {
  Saved saved;
  saved.open().verify();
  saved.flip(offset_of(saved.open(), "data/0") + 3'000'000);

  CHECK_THROWS_WITH(saved.open().verify(), Catch::Contains("record data/0 is damaged"));
}

TEST_CASE("tensors are read into memory of the caller's", "[format][archive]") {
  const Saved saved;
  const Archive archive = saved.open();
  const StoredTensor& head = archive.root().at("state_dict").at("head.weight").as_tensor();
  std::vector<float> memory(3);
  const format::TensorRead read{.tensor = &head,
                                .into = std::as_writable_bytes(std::span<float>(memory))};

  archive.read({&read, 1});

  CHECK(memory == std::vector<float>{3, 4, 5});
}

TEST_CASE("with an index only the index, later offsets and the directory differ", "[format]") {
  const std::string with = format::write_bytes(tree());
  const std::string without = format::write_bytes(tree(), {.index = false});
  const std::size_t at = without.find("archive/versionFB") - 30;

  CHECK(with.substr(0, at) == without.substr(0, at));
  CHECK(with.find("archive/.ckpt/index") != std::string::npos);
  CHECK(without.find(".ckpt") == std::string::npos);
}

TEST_CASE("an index that contradicts the file is refused", "[format]") {
  const auto text = [](const std::string& records, const std::string& more = "") {
    return R"({"version":1,"min_reader":1,"chunk":1048576,"records":)" + records + more + "}";
  };
  const auto why = [](const std::string& index) {
    const std::string file =
        format::make_zip({{"data.pkl", "\x80\x02N."}, {".ckpt/index", index}, {"version", "3\n"}});
    const auto files = vfs::FileSystem::open("memory://bucket");
    files.write(vfs::Path("x"), file);
    try {
      static_cast<void>(Archive(files, vfs::Path("x")));
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };

  CHECK(why(text("[]")).empty());
  CHECK(why("{").find("no JSON object") != std::string::npos);
  CHECK(why(text("[1]")).find("a record of the index is none") != std::string::npos);
  CHECK(why(text(R"([["data.pkl",64,4,1]])")).find("different things") != std::string::npos);
  CHECK(why(text(R"([["nothing",64,4,1]])")).find("different things") != std::string::npos);
  CHECK(why(R"({"min_reader":2})").empty());  // of a later version: not looked at
  CHECK(why(R"({"min_reader":1,"chunk":1,"records":[]})").find("size of chunks") !=
        std::string::npos);
}
