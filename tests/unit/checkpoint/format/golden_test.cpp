// Files made by Python's torch.save: read, and written again byte for byte.
#include <array>

#include "tests/support/catch.hpp"
#include "tests/unit/checkpoint/format/support.hpp"

using namespace cairn::checkpoint;
using namespace cairn::checkpoint::format;

namespace {

constexpr std::array kCases{"integers",   "scalars",  "bytes",    "nested",      "empty",
                            "ordered",    "dict1000", "dict1001", "ordered1001", "list1001",
                            "tensor",     "views",    "dtypes",   "math_bits",   "shapes",
                            "state_dict", "training", "shared"};

}  // namespace

TEST_CASE("a file of torch.save is written again byte for byte", "[format][golden]") {
  for (const std::string name : kCases) {
    INFO(name);
    const std::string file = golden(name);

    const std::string again = write_bytes(read_bytes(file));

    CHECK(again == file);
  }
}

TEST_CASE("integers of every width come back from Python", "[format][golden]") {
  const Value root = read_bytes(golden("integers"));

  CHECK(root.at(std::size_t{3}).as_int() == 256);
  CHECK(root.at(std::size_t{6}).as_int() == -1);
  CHECK(root.at(std::size_t{8}).as_int() == 2147483648);
  CHECK(root.at(std::size_t{10}).as_int() == -2147483649);
  CHECK(root.at(std::size_t{12}).as_int() == std::numeric_limits<std::int64_t>::min());
  CHECK(root.at(std::size_t{13}).as<std::uint64_t>() == 9223372036854775808ULL);
  CHECK(root.at(std::size_t{14}).as<std::uint64_t>() == std::numeric_limits<std::uint64_t>::max());
  CHECK(root.at(std::size_t{15}).as_big_int().data == std::string(12, '\0') + "\xF0");
}

TEST_CASE("bytes from Python keep every value", "[format][golden]") {
  const Value root = read_bytes(golden("bytes"));

  CHECK(root.at("a").as_bytes().data == std::string("\x00\xff\x80"
                                                    "abc",
                                                    6));
  CHECK(root.at("d").as_string() == "abc");
}

TEST_CASE("views of one storage share it after loading", "[format][golden]") {
  const Value root = read_bytes(golden("views"));

  const StoredTensor& all = root.at("all").as_tensor();
  const StoredTensor& column = root.at("column").as_tensor();
  CHECK(all.storage == column.storage);
  CHECK(column.offset == 1);
  CHECK(column.strides == std::vector<std::int64_t>{4});
  CHECK(&root.at("again").as_tensor() == &all);
  CHECK(root.at("wide").as_tensor().strides == std::vector<std::int64_t>{0, 0});
}

TEST_CASE("a state_dict from Python is ordered and has its metadata", "[format][golden]") {
  const Value root = read_bytes(golden("state_dict"));

  const Dict& state = root.as_dict();
  CHECK(state.is_ordered());
  CHECK(state.items().front().first.as_string() == "0.weight");
  CHECK(state.attributes().at("_metadata").at("1").at("version").as_int() == 2);
}

TEST_CASE("lists that are one list in Python are one list here", "[format][golden]") {
  const Value root = read_bytes(golden("shared"));

  CHECK(root.at("a").as_list().identity() == root.at("b").as_list().identity());
}

TEST_CASE("elements of a tensor are where Python put them", "[format][golden]") {
  const StoredTensor tensor = read_bytes(golden("tensor")).as_tensor();

  const auto* elements = reinterpret_cast<const float*>(tensor.storage->data);
  CHECK(tensor.sizes == std::vector<std::int64_t>{3, 4});
  CHECK(elements[0] == 0.0F);
  CHECK(elements[11] == 11.0F);
}

TEST_CASE("a tree without tensor data is read without the data", "[format]") {
  const Value root = read_bytes(golden("tensor"), {.load_tensors = false});

  CHECK(root.as_tensor().storage->data == nullptr);
  CHECK(root.as_tensor().storage->nbytes == 48);
}

TEST_CASE("memory for tensors comes from the caller", "[format]") {
  std::vector<std::byte> memory(48);
  const auto allocate = [&memory](Storage& storage) { storage.data = memory.data(); };

  const Value root = read_bytes(golden("tensor"), {.allocate = allocate});

  CHECK(root.as_tensor().storage->data == memory.data());
  CHECK(reinterpret_cast<const float*>(memory.data())[5] == 5.0F);
}
