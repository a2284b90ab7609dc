// save and load through a file system.
#include "tests/support/catch.hpp"
#include "tests/unit/checkpoint/format/support.hpp"
#include "vfs/error.hpp"

using namespace cairn;
using namespace cairn::checkpoint;
using namespace std::string_literals;

namespace {

std::string load_error(const vfs::FileSystem& files, const vfs::Path& path) {
  try {
    static_cast<void>(format::load(files, path));
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("what was saved is loaded", "[format]") {
  const auto files = vfs::FileSystem::open("memory://bucket");
  const Value root = Dict{{"weights", format::make_tensor({1, 2, 3}, {3})}, {"step", 7}};

  const vfs::WriteResult written = format::save(files, vfs::Path("run/a.ckpt"), root);

  CHECK(written.size > 0);
  CHECK(equal(format::load(files, vfs::Path("run/a.ckpt")), root));
}

TEST_CASE("tensors of many sizes are read as they were saved", "[format]") {
  const auto files = vfs::FileSystem::open("memory://bucket");
  constexpr std::int64_t kMiB = std::int64_t{1} << 18U;  // in elements
  Dict root;
  for (const std::int64_t size :
       {1 * kMiB, 8 * kMiB + 1, 16 * kMiB, 16 * kMiB + 1, 17 * kMiB, 25 * kMiB - 3}) {
    const std::vector<float> elements(static_cast<std::size_t>(size), 0.5F);
    root[size] = format::make_tensor(elements, {size});
  }
  format::save(files, vfs::Path("a.ckpt"), root);

  CHECK(equal(format::load(files, vfs::Path("a.ckpt")), root));
}

TEST_CASE("alignment in the file is the caller's", "[format]") {
  const std::string file =
      format::write_bytes(format::make_tensor({1, 2, 3}, {3}), {.alignment = 4096});

  CHECK(file.find(std::string("\0\0\x80\x3f\0\0\0\x40\0\0\x40\x40", 12)) % 4096 == 0);
  CHECK_THROWS_AS(format::write_bytes(1, {.alignment = 3}), Error);
}

TEST_CASE("a file that is not there is vfs's not_found", "[format]") {
  const auto files = vfs::FileSystem::open("memory://bucket");

  CHECK_THROWS_WITH(format::load(files, vfs::Path("nothing.ckpt")),
                    Catch::Contains("cannot load memory://bucket/nothing.ckpt: not found"));
}

TEST_CASE("a damaged file is named by its URL", "[format]") {
  const auto files = vfs::FileSystem::open("memory://bucket");
  std::string file = format::golden("tensor");
  file.resize(file.size() / 2);
  files.write(vfs::Path("half.ckpt"), file);

  CHECK(load_error(files, vfs::Path("half.ckpt")) ==
        "load memory://bucket/half.ckpt: the zip has no directory at its end: the file is "
        "truncated, or something was added to it");
}

TEST_CASE("files of other formats are told apart", "[format]") {
  const auto why = [](const std::string& file) { return format::refusal(file); };

  CHECK(why("") == "corrupt: the file is empty");
  CHECK(why("<!DOCTYPE html><html>no</html>").find("an HTML page") != std::string::npos);
  CHECK(why(std::string("\x10\0\0\0\0\0\0\0{\"a\":1}              ", 30)).find("safetensors") !=
        std::string::npos);
  CHECK(why("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.")
            .find("before 1.6") != std::string::npos);
  CHECK(why("\x80\x04N.").find("a bare pickle") != std::string::npos);
  CHECK(why("anything else").find("not an archive of torch.save") != std::string::npos);
}

TEST_CASE("an archive of C++ torch::save is read as the fields of its objects", "[format]") {
  // class Module with a bool and a child, whose field is a list of a type of its own.
  const std::string pickle =
      "\x80\x02"
      "c__torch__\nModule\nq\1)\x81}(X\4\0\0\0flag\x88X\5\0\0\0childc__torch__.___torch_mangle_0\n"
      "Module\n)\x81}X\4\0\0\0intsctorch.jit._pickle\nbuild_intlist\n](K\1K\2e\x85Rsbub."s;
  const std::string file = format::make_zip({{"data.pkl", pickle},
                                             {"code/__torch__.py", "not read"},
                                             {"constants.pkl", "\x80\x02)."},
                                             {"version", "3\n"}});

  const Value root = format::read_bytes(file, {.unknown = Unknown::refuse});

  CHECK(root.at("flag").as_bool());
  CHECK(root.at("child").at("ints").at(std::size_t{1}).as_int() == 2);
}

TEST_CASE("versions, byte orders and missing records are checked", "[format]") {
  const std::string pickle = "\x80\x02N.";
  const auto why = [](const std::vector<format::NamedRecord>& records) {
    return format::refusal(format::make_zip(records));
  };

  CHECK(why({{"data.pkl", pickle}, {"version", "10\n"}}).empty());
  CHECK(why({{"data.pkl", pickle}, {".data/version", "3"}}).empty());
  CHECK(why({{"data.pkl", pickle}, {"version", "11\n"}}).find("format version 11") !=
        std::string::npos);
  CHECK(why({{"data.pkl", pickle}, {"version", "x"}}).find("no number") != std::string::npos);
  CHECK(why({{"data.pkl", pickle}}).find("a zip without") != std::string::npos);
  CHECK(why({{"version", "3\n"}}).find("a zip without data.pkl") != std::string::npos);
  CHECK(why({{"data.pkl", pickle}, {"version", "3"}, {"byteorder", "big"}}).find("big-endian") !=
        std::string::npos);
}

TEST_CASE("a view that brings a far larger storage along is told of, or kept apart", "[format]") {
  StoredTensor view = format::make_tensor(std::vector<float>(1 << 20, 2.0F), {1 << 20});
  view.sizes = {2, 2};
  view.strides = {2, 1};
  view.offset = 8;
  StoredTensor transposed = view;
  transposed.strides = {1, 2};
  const Value root = Dict{{"state", Dict{{"view", view}, {"other", transposed}}}};
  std::vector<std::string> told;
  const auto listen = [&told](const std::string& message) { told.push_back(message); };

  const std::string whole = format::write_bytes(root, {.on_warning = listen});
  const std::string compact =
      format::write_bytes(root, {.compact_views = true, .on_warning = listen});

  REQUIRE(told.size() == 1);
  CHECK(told[0].find("state.view: a tensor of 32 bytes brings a storage of 4194304 along") == 0);
  CHECK(whole.size() > 4'000'000);
  CHECK(compact.size() < 4'000);
  CHECK(equal(format::read_bytes(compact), root));
}
