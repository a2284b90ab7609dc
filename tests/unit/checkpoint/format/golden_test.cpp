// Files made by Python's torch.save: read, and written again byte for byte.
#include <array>

#include "tests/support/catch.hpp"
#include "tests/unit/checkpoint/format/support.hpp"

using namespace cairn::checkpoint;
using namespace cairn::checkpoint::format;
using namespace std::string_literals;

namespace {

constexpr std::array kCases{"integers",   "scalars",   "bytes",    "nested",      "empty",
                            "ordered",    "dict1000",  "dict1001", "ordered1001", "list1001",
                            "tensor",     "views",     "dtypes",   "math_bits",   "shapes",
                            "state_dict", "training",  "shared",   "kinds",       "identity",
                            "composite",  "attributes"};

}  // namespace

TEST_CASE("a file of torch.save is written again byte for byte", "[format][golden]") {
  for (const std::string name : kCases) {
    INFO(name);
    const std::string file = golden(name);

    const std::string again = write_bytes(read_bytes(file), {.index = false});

    CHECK(again == file);
  }
}

TEST_CASE("objects that only Python can make are kept, and written again byte for byte",
          "[format][golden]") {
  const std::string file = golden("opaque");
  const Value root = read_bytes(file);

  CHECK(root.at("state_dict").as_dict().size() == 9);
  CHECK(root.at("path").as_opaque().full_name() == "pathlib.PurePosixPath");
  CHECK(root.at("namespace").at(std::size_t{0}).as_opaque().state().at("lr").as_double() == 0.1);
  CHECK(root.at("namespace").at(std::size_t{0}).identity() ==
        root.at("namespace").at(std::size_t{1}).identity());
  CHECK(root.at("deque").as_opaque().items().size() == 1001);
  CHECK(root.at("default").as_opaque().entries().size() == 1);
  CHECK(write_bytes(root, {.index = false, .allow_opaque = true}) == file);
  CHECK(equal(root, root.clone()));
  CHECK(write_bytes(root.clone(), {.index = false, .allow_opaque = true}) == file);
}

TEST_CASE("objects that only Python can make are refused where that is asked for",
          "[format][golden]") {
  CHECK(refusal(golden("opaque"), {.unknown = Unknown::refuse}).find("frozenset") !=
        std::string::npos);
  CHECK(refusal(golden("composite"), {.unknown = Unknown::refuse}).empty());
}

TEST_CASE("an object that only Python can make is not written unless it is asked for", "[format]") {
  const Value root = read_bytes(golden("opaque"));
  const auto write = [&root] { return write_bytes(Dict{{"hparams", List{root.at("path")}}}); };

  CHECK_THROWS_WITH(write(), Catch::Contains("root['hparams'][0]: pathlib.PurePosixPath") &&
                                 Catch::Contains("allow_opaque"));
}

TEST_CASE("every kind of value comes back from Python", "[format][golden]") {
  const Value root = read_bytes(golden("kinds"));

  CHECK(root.at("complex").at(std::size_t{0}).as_complex() == std::complex<double>(1.5, -2));
  CHECK(root.at("set of many").as_set().contains(1499));
  CHECK(root.at("counter").at(std::size_t{0}).as_dict().type() == Dict::Type::counter);
  CHECK(root.at("counter").at(std::size_t{0}).at("a").as_int() == 2);
  CHECK(root.at("size").at(std::size_t{0}).as_tuple().is_shape());
  CHECK(root.at("dtype").at(std::size_t{1}).as_dtype() == DType::bfloat16);
  CHECK(root.at("device").at(std::size_t{0}).as_device() == Device{.type = "cuda", .index = 1});
  CHECK(root.at("device").at(std::size_t{2}).as_device() == Device{});
  CHECK(root.at("parameter").at(std::size_t{0}).as_tensor().parameter);
  const Dict& keys = root.at("keys").as_dict();
  CHECK(keys.at(std::complex<double>(0, 1)).as_int() == 0);
  CHECK(keys.at(DType::float32).as_int() == 1);
  CHECK(keys.at(Tuple{2, 3}).as_int() == 2);
  CHECK(keys.at(Device{.type = "cuda", .index = 1}).as_int() == 5);
}

TEST_CASE("an object that knows its parent does not keep the rest from being read", "[format]") {
  // A Namespace whose state refers to itself, as OmegaConf's nodes do.
  const Value root =
      read_bytes(around("\x80\x02}(X\4\0\0\0conf"
                        "cargparse\nNamespace\n)\x81q\0}X\6\0\0\0parenth\0sbX\4\0\0\0stepK\7u."s));

  CHECK(root.at("step").as_int() == 7);
  const Value& parent = root.at("conf").as_opaque().state().at("parent");
  CHECK(parent.as_opaque().form() == Opaque::Form::cut);
  CHECK_THROWS_WITH(write_bytes(root, {.allow_opaque = true}), Catch::Contains("was not read"));
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
