// Files of Python's safetensors, read and written again; and what is asked of the store for it.
#include <array>
#include <cstring>

#include "checkpoint/format/safetensors.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/recorded_memory.hpp"
#include "tests/unit/checkpoint/format/support.hpp"
#include "vfs/error.hpp"

using namespace cairn;
using namespace cairn::checkpoint;
using format::load_safetensors;
using format::make_tensor;
using format::save_safetensors;

namespace {

const vfs::Path kPath("model.safetensors");

struct Place : test::RecordedMemory {
  void put(const std::string& content) { files.write(kPath, content); }
  void put_golden(const std::string& name) { put(format::golden_file(name + ".safetensors")); }
  [[nodiscard]] Safetensors load() const { return load_safetensors(files, kPath); }
  [[nodiscard]] std::string saved(const Safetensors& content,
                                  const SafetensorsSaveOptions& options = {}) const {
    save_safetensors(files, kPath, content, options);
    return files.read_text(kPath);
  }
};

template <class T>
std::vector<T> elements(const Value& value) {
  const StoredTensor& tensor = value.as_tensor();
  std::vector<T> result(static_cast<std::size_t>(tensor.numel()));
  REQUIRE(tensor.storage->nbytes == result.size() * sizeof(T));
  if (!result.empty()) std::memcpy(result.data(), tensor.storage->data, tensor.storage->nbytes);
  return result;
}

// Three tensors of a MiB each, and a file that Python would write for them.
std::string large_file(std::string* data) {
  std::string header = R"({"a":{"dtype":"U8","shape":[1048576],"data_offsets":[0,1048576]},)"
                       R"("b":{"dtype":"U8","shape":[1048576],"data_offsets":[1048576,2097152]},)"
                       R"("c":{"dtype":"U8","shape":[1048576],"data_offsets":[2097152,3145728]}})";
  header.resize(208, ' ');
  *data = test::pattern(3 << 20);
  return std::string("\xD0\0\0\0\0\0\0\0", 8) + header + *data;
}

}  // namespace

TEST_CASE("a file of Python's safetensors is written again byte for byte", "[safetensors]") {
  constexpr std::array kCases{"nothing", "dtypes", "names", "metadata", "shapes", "state_dict"};
  for (const std::string name : kCases) {
    INFO(name);
    Place place;
    place.put_golden(name);

    const std::string again = place.saved(place.load());

    CHECK(again == format::golden_file(name + ".safetensors"));
  }
}

TEST_CASE("elements and shapes are Python's", "[safetensors]") {
  Place place;
  place.put_golden("names");

  const Safetensors content = place.load();

  CHECK(content.metadata == std::map<std::string, std::string>{{"format", "pt"}});
  const Dict& tensors = content.tensors;
  CHECK(tensors.at("b").as_tensor().sizes == std::vector<std::int64_t>{3, 4});
  CHECK(tensors.at("b").as_tensor().strides == std::vector<std::int64_t>{4, 1});
  CHECK(elements<float>(tensors.at("b")).at(11) == 11.0F);
  CHECK(elements<float>(tensors.at("a")) == std::vector<float>{1, 1});
  CHECK(elements<std::int64_t>(tensors.at("a.b")) == std::vector<std::int64_t>{7});
  CHECK(tensors.at("\u00E9\"\\\n\x01\x7f").as_tensor().dtype == DType::boolean);
}

TEST_CASE("every type of safetensors that torch has is read as that type", "[safetensors]") {
  Place place;
  place.put_golden("dtypes");

  const Safetensors content = place.load();

  CHECK(content.tensors.size() == 20);
  for (const auto& [key, value] : content.tensors.items()) {
    INFO(key.as_string());
    CHECK(key.as_string() == name(value.as_tensor().dtype));
  }
  CHECK(content.tensors.at("float4_e2m1fn_x2").as_tensor().sizes ==
        std::vector<std::int64_t>{2, 2});
}

TEST_CASE("opening reads the header and a tensor reads its own bytes", "[safetensors]") {
  Place place;
  std::string data;
  place.put(large_file(&data));

  const format::SafetensorsFile file(place.files, kPath);
  CHECK(place.store->count("stat") == 0);
  CHECK(place.store->count("read 0+262144") == 1);
  CHECK(place.store->count("read") == 1);
  CHECK(file.header().tensors.at("b").as_tensor().storage->data == nullptr);
  const std::vector<std::string> names{"b"};
  const Dict tensors = file.load(names);

  CHECK(place.store->count("read 1048792+1048576") == 1);
  CHECK(place.store->count("read") == 2);
  const auto bytes = elements<char>(tensors.at("b"));
  CHECK(std::string(bytes.begin(), bytes.end()) == data.substr(1048576, 1048576));
}

TEST_CASE("tensors come in the order in which they are asked for", "[safetensors]") {
  Place place;
  std::string data;
  place.put(large_file(&data));
  const std::vector<std::string> names{"c", "a"};

  const Dict tensors = format::SafetensorsFile(place.files, kPath).load(names);

  REQUIRE(tensors.size() == 2);
  CHECK(tensors.items()[0].first.as_string() == "c");
  CHECK(elements<char>(tensors.at("c")).back() == data.back());
  CHECK(elements<char>(tensors.at("a")).front() == data.front());
}

TEST_CASE("a header that is longer than the first read is read to its end", "[safetensors]") {
  Place place;
  Safetensors content;
  for (int i = 0; i < 6000; ++i) {
    content.tensors["layer." + std::to_string(i)] = make_tensor({static_cast<float>(i)}, {1});
  }
  save_safetensors(place.files, kPath, content);

  const format::SafetensorsFile file(place.files, kPath);

  CHECK(place.store->count("read") == 2);
  const std::vector<std::string> names{"layer.5999"};
  CHECK(elements<float>(file.load(names).at("layer.5999")) == std::vector<float>{5999});
}

TEST_CASE("a file that is replaced after it was opened is not mixed with the new one",
          "[safetensors]") {
  Place place;
  place.put_golden("names");
  const format::SafetensorsFile file(place.files, kPath);
  place.put_golden("dtypes");
  const std::vector<std::string> names{"b"};

  try {
    static_cast<void>(file.load(names));
    FAIL("no error");
  } catch (const vfs::Error& error) {
    CHECK(error.code() == vfs::ErrorCode::precondition_failed);
  }
}

TEST_CASE("memory for the tensors of safetensors comes from the caller", "[safetensors]") {
  Place place;
  place.put_golden("metadata");
  std::array<std::byte, 4> memory{};

  const Safetensors content =
      load_safetensors(place.files, kPath,
                       {.allocate = [&memory](Storage& storage) { storage.data = memory.data(); }});

  CHECK(content.tensors.at("x").as_tensor().storage->data == memory.data());
  CHECK(memory[3] == std::byte{0x3F});  // 1.0F ends with it
}

TEST_CASE("views that are not contiguous are written in the order of their elements",
          "[safetensors]") {
  Place place;
  StoredTensor transposed = make_tensor({0, 1, 2, 3, 4, 5}, {2, 3});
  transposed.sizes = {3, 2};
  transposed.strides = {1, 3};
  StoredTensor rows = make_tensor({0, 1, 2, 3, 4, 5, 6, 7}, {2, 4});
  rows.sizes = {2, 2};  // columns 1 and 2: runs of two
  rows.offset = 1;
  StoredTensor wide = make_tensor({9}, {1});
  wide.sizes = {3};
  wide.strides = {0};

  save_safetensors(place.files, kPath,
                   {.tensors = {{"t", transposed}, {"rows", rows}, {"wide", wide}}});
  const Dict tensors = place.load().tensors;

  CHECK(elements<float>(tensors.at("t")) == std::vector<float>{0, 3, 1, 4, 2, 5});
  CHECK(elements<float>(tensors.at("rows")) == std::vector<float>{1, 2, 5, 6});
  CHECK(elements<float>(tensors.at("wide")) == std::vector<float>{9, 9, 9});
}

TEST_CASE("views of one memory that do not meet are written from where they are", "[safetensors]") {
  Place place;
  const StoredTensor all = make_tensor({0, 1, 2, 3}, {4});
  StoredTensor first = all;
  first.sizes = {2};
  StoredTensor second = first;
  second.offset = 2;

  save_safetensors(place.files, kPath, {.tensors = {{"first", first}, {"second", second}}});

  CHECK(elements<float>(place.load().tensors.at("second")) == std::vector<float>{2, 3});
}

TEST_CASE("shared memory is refused by name, or written for each name", "[safetensors]") {
  Place place;
  const StoredTensor all = make_tensor({0, 1, 2, 3}, {4});
  StoredTensor part = all;
  part.sizes = {2};
  part.offset = 1;
  const Safetensors content{
      .tensors = {{"z", all}, {"part", part}, {"other", make_tensor({5}, {1})}}};

  CHECK_THROWS_WITH(place.saved(content),
                    "save memory:model.safetensors: tensors 'part' and 'z' share memory, and in "
                    "safetensors none can: leave one out, or have both written (repeat_shared)");
  static_cast<void>(place.saved(content, {.repeat_shared = true}));

  const Dict tensors = place.load().tensors;
  CHECK(elements<float>(tensors.at("part")) == std::vector<float>{1, 2});
  CHECK(elements<float>(tensors.at("z")) == std::vector<float>{0, 1, 2, 3});
}

TEST_CASE("what safetensors can't hold is refused by name", "[safetensors]") {
  const Place place;
  const auto why = [&place](const Dict& tensors) {
    try {
      static_cast<void>(place.saved({.tensors = tensors}));
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  StoredTensor complex = make_tensor({1, 2, 3, 4}, {1});
  complex.dtype = DType::complex128;
  StoredTensor conjugate = make_tensor({1, 2}, {1});
  conjugate.dtype = DType::complex64;
  conjugate.conjugate = true;
  StoredTensor unloaded = make_tensor({1}, {1});
  unloaded.storage = std::make_shared<Storage>();
  unloaded.storage->nbytes = 4;

  CHECK(contains(why({{"epoch", 3}}), "'epoch' is of type int"));
  CHECK(contains(why({{3, make_tensor({1}, {1})}}), "key 3"));
  CHECK(contains(why({{"__metadata__", make_tensor({1}, {1})}}), "'__metadata__'"));
  CHECK(contains(why({{"z", complex}}), "'z': a tensor of type complex128"));
  CHECK(contains(why({{"z", conjugate}}), "'z': a tensor with torch's conjugate"));
  CHECK(contains(why({{"z", unloaded}}), "'z': a tensor whose data was not loaded"));
  CHECK(contains(why({{"\xFF", make_tensor({1}, {1})}}), "not UTF-8"));
  CHECK(!place.files.exists(kPath));
}
