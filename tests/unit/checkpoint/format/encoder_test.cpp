// What can't be written is refused, with the place in the tree.
#include "checkpoint/format/encoder.hpp"

#include <functional>

#include "checkpoint/format/crc32.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/checkpoint/format/support.hpp"

using namespace cairn::checkpoint;
using namespace cairn::checkpoint::format;

namespace {

std::string refused(const Value& root) {
  try {
    static_cast<void>(encode(root));
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("the pickle of a small dict is that of Python", "[encoder]") {
  // python3 -c "import pickle; print(pickle.dumps({'a': [1, 2]}, 2))"
  const std::string expected(
      "\x80\x02}q\x00X\x01\x00\x00\x00"
      "aq\x01]q\x02(K\x01K\x02"
      "es.",
      24);

  CHECK(encode(Dict{{"a", List{1, 2}}}).bytes == expected);
}

TEST_CASE("a list that holds itself is refused", "[encoder]") {
  List list;
  list.push_back(list);

  CHECK(refused(Dict{{"a", list}}) == "can't save root['a'][0]: a container holds itself");

  list.items().clear();
}

TEST_CASE("nesting deeper than 1000 is refused", "[encoder]") {
  Value value = 1;
  for (int i = 0; i < 1001; ++i) value = List{value};

  CHECK(refused(value).find("nested deeper than 1000") != std::string::npos);
}

TEST_CASE("text that is not UTF-8 is refused with its place", "[encoder]") {
  const Value root = Dict{{"names", List{"good", std::string("\xff")}}};

  CHECK(refused(root) ==
        "can't save root['names'][1]: a str that is not UTF-8 (Bytes hold raw bytes)");
}

TEST_CASE("a view that leaves its storage is refused", "[encoder]") {
  StoredTensor tensor = make_tensor({1, 2, 3, 4}, {2, 2});
  tensor.offset = 1;

  CHECK(refused(tensor) == "can't save root: a tensor with elements up to 5 of a storage of 4");
}

TEST_CASE("one storage as two types is refused, as torch refuses it", "[encoder]") {
  const StoredTensor reals = make_tensor({1, 2}, {2});
  StoredTensor integers = reals;
  integers.dtype = DType::int32;

  CHECK(refused(List{reals, integers}).find("the same memory as float32 and as int32") !=
        std::string::npos);
}

TEST_CASE("a tensor whose data was not loaded is refused", "[encoder]") {
  const Value root = read_bytes(golden("tensor"), {.load_tensors = false});

  CHECK(refused(root).find("was not loaded") != std::string::npos);
}

TEST_CASE("tensors that describe the same memory are stored once", "[encoder]") {
  const StoredTensor first = make_tensor({1, 2}, {2});
  StoredTensor second = first;
  second.storage = std::make_shared<Storage>(*first.storage);

  CHECK(encode(List{first, second}).storages.size() == 1);
}

TEST_CASE("checksums of pieces combine to that of the whole", "[encoder]") {
  const std::string text = "123456789";  // its CRC-32 is the check value of the catalogue of CRCs
  const auto bytes = cairn::vfs::as_bytes(text);

  CHECK(crc32(bytes) == 0xCBF43926);
  CHECK(crc32_combine(crc32(bytes.first(4)), crc32(bytes.subspan(4)), 5) == 0xCBF43926);
}

TEST_CASE("large memory is summed in pieces to the same checksum", "[encoder]") {
  const std::vector<std::byte> memory(std::size_t{40} << 20U, std::byte{0x5A});
  const std::span<const std::byte> whole(memory);

  const std::span<const std::byte> pieces[] = {whole, whole.first(3), {}};

  CHECK(crc32_each(pieces) == std::vector<std::uint32_t>{crc32(whole), crc32(whole.first(3)), 0});
}
