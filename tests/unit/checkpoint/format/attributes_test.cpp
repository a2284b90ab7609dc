// Tensors to which Python has given attributes, or a class of their own.
#include "checkpoint/format/find_tensor.hpp"
#include "checkpoint/format/safetensors.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/checkpoint/format/support.hpp"

using namespace cairn;
using namespace cairn::checkpoint;
using namespace cairn::checkpoint::format;
using namespace std::string_literals;

namespace {

const vfs::Path kPath("a.ckpt");

// Rows of a tensor of float32 without gaps.
std::vector<float> elements(const StoredTensor& tensor) {
  const StoredTensor packed = tensor.contiguous();
  const auto* first = reinterpret_cast<const float*>(packed.bytes().data());
  return {first, first + packed.numel()};
}

// What Python has for tensor.note = 1.
Value noted(StoredTensor tensor) {
  return Opaque::make(Opaque::Form::call, Opaque::name("torch._tensor", "_rebuild_from_type_v2"),
                      Tuple{Opaque::name("torch._utils", "_rebuild_tensor_v2"),
                            Opaque::name("torch", "Tensor"), std::move(tensor), Dict{{"note", 1}}});
}

}  // namespace

TEST_CASE("a tensor with attributes is the view that it is in Python", "[format][golden]") {
  const Value root = read_bytes(golden("attributes"));

  const StoredTensor& whole = root.at("tensor").as_tensor();
  const StoredTensor& row = root.at("row").as_tensor();
  const StoredTensor& transposed = root.at("transposed").as_tensor();
  CHECK(whole.sizes == std::vector<std::int64_t>{3, 4});
  CHECK(&root.at("again").as_tensor() == &whole);
  CHECK(row.storage == whole.storage);
  CHECK(row.storage == root.at("plain row").as_tensor().storage);
  CHECK(elements(row) == std::vector<float>{4, 5, 6, 7});
  CHECK(elements(transposed) == std::vector<float>{0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11});
  CHECK(root.at("conjugate").as_tensor().conjugate);
  CHECK(root.at("untyped").as_tensor().dtype == DType::uint16);
  CHECK(root.at("scalar").as_tensor().sizes.empty());
}

TEST_CASE("a tensor with attributes knows whether it needs a gradient", "[format][golden]") {
  const Value root = read_bytes(golden("attributes"));

  CHECK(root.at("gradient").as_tensor().requires_grad);
  CHECK_FALSE(root.at("tensor").as_tensor().requires_grad);
  const StoredTensor& weight = root.at("state_dict").at("weight").as_tensor();
  CHECK(weight.parameter);
  CHECK(weight.requires_grad);
  CHECK(root.at("frozen").as_tensor().parameter);
  CHECK_FALSE(root.at("frozen").as_tensor().requires_grad);
}

TEST_CASE("attributes of a tensor stay when the tree is copied", "[format][golden]") {
  const std::string file = golden("attributes");
  const Value root = read_bytes(file);

  CHECK(equal(root, root.clone()));
  CHECK(write_bytes(root.clone(), {.index = false}) == file);
  CHECK_FALSE(equal(root.at("row"), root.at("plain row")));
}

TEST_CASE("a tensor of an unknown class is reachable, and kept as it is", "[format][golden]") {
  const std::string file = golden("subclass");
  const Value root = read_bytes(file);

  CHECK(elements(root.at("row").as_tensor()) == std::vector<float>{4, 5, 6, 7});
  CHECK(root.at("row").as_tensor().storage == root.at("marked").as_tensor().storage);
  CHECK(write_bytes(root, {.index = false, .allow_opaque = true}) == file);
  CHECK_THROWS_WITH(write_bytes(root), Catch::Contains("__main__.Marked"));
  CHECK(refusal(file, {.unknown = Unknown::refuse}).find("__main__.Marked") != std::string::npos);
}

TEST_CASE("what has no strided tensor in it is none", "[format][golden]") {
  const Value root = read_bytes(golden("attributes"));

  CHECK(find_tensor(root.at("coo")) == nullptr);
  CHECK(find_tensor(root) == nullptr);
  CHECK(find_tensor(Value(1)) == nullptr);
  CHECK_THROWS_WITH(root.at("coo").as_tensor(), Catch::Contains("_rebuild_from_type_v2"));
}

TEST_CASE("a tensor with attributes is loaded alone and by rows", "[format][golden]") {
  const auto files = vfs::FileSystem::open("memory://bucket");
  files.write(kPath, golden("attributes"));
  const Archive archive(files, kPath);

  CHECK(elements(archive.load("row").as_tensor()) == std::vector<float>{4, 5, 6, 7});
  CHECK(elements(archive.load_rows("tensor", 2, 1)) == std::vector<float>{8, 9, 10, 11});
  CHECK(archive.load("**").at("state_dict.bias").as_tensor().storage->data != nullptr);
}

TEST_CASE("safetensors gets the elements of tensors with attributes", "[format][golden]") {
  const auto files = vfs::FileSystem::open("memory://bucket");
  const Value root = read_bytes(golden("attributes"));

  save_safetensors(files, kPath, {.tensors = root.at("state_dict").as_dict()});

  const Dict tensors = load_safetensors(files, kPath).tensors;
  CHECK(tensors.at("weight").as_tensor().sizes == std::vector<std::int64_t>{3, 4});
  CHECK(elements(tensors.at("bias").as_tensor()) == std::vector<float>{1, 1, 1});
}

TEST_CASE("a small view with attributes can leave its storage behind", "[format]") {
  StoredTensor view = make_tensor(std::vector<float>(1'000'000, 2.0F), {1'000'000});
  view.offset = 7;
  view.sizes = {3};

  const std::string file = write_bytes(noted(view), {.compact_views = true});

  const Value read = read_bytes(file);
  CHECK(file.size() < 10'000);
  CHECK(elements(read.as_tensor()) == std::vector<float>{2, 2, 2});
  CHECK(read.as_opaque().arguments().at(3).at("note").as_int() == 1);
}

TEST_CASE("the storage that a tensor with attributes fills is not torn from its other views",
          "[format]") {
  const StoredTensor all = make_tensor(std::vector<float>(1'000'000, 2.0F), {1'000'000});
  StoredTensor part = all;
  part.sizes = {3};

  const Value read =
      read_bytes(write_bytes(Dict{{"all", noted(all)}, {"part", part}}, {.compact_views = true}));

  CHECK(read.at("all").as_tensor().storage == read.at("part").as_tensor().storage);
}

TEST_CASE("a tensor with attributes that is described in an odd way is written in torch's",
          "[format]") {
  // float32 by _rebuild_tensor_v3, which torch keeps for types that have no storage of their own.
  const Value root = read_bytes(around(
      "\x80\x02"
      "ctorch._tensor\n_rebuild_from_type_v2\n(ctorch._utils\n_rebuild_tensor_v3\nctorch\nTensor\n"
      "((X\7\0\0\0storagectorch.storage\nUntypedStorage\nX\1\0\0\0"
      "0X\3\0\0\0cpuK\x10tQK\0K\4\x85K\1\x85\x89"
      "ccollections\nOrderedDict\n)Rctorch\nfloat32\nt"
      "}X\4\0\0\0noteK\1stR."s));

  CHECK(equal(read_bytes(write_bytes(root)), root));
  CHECK(root.as_tensor().sizes == std::vector<std::int64_t>{4});
}

TEST_CASE("a tensor handed to a function that makes none is an argument like others", "[format]") {
  const Value root = read_bytes(around(
      "\x80\x02"
      "ctorch._tensor\n_rebuild_from_type_v2\n(ctorch._utils\n_rebuild_other\nctorch\nTensor\n"
      "ctorch._utils\n_rebuild_tensor_v2\n((X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0"
      "0X\3\0\0\0cpuK\4tQK\0K\4\x85K\1\x85\x89"
      "ccollections\nOrderedDict\n)RtR}tR."s));

  CHECK(find_tensor(root) == nullptr);
  CHECK(equal(read_bytes(write_bytes(root, {.allow_opaque = true})), root));
}

TEST_CASE("a view with attributes that leaves its storage is refused with its place", "[encoder]") {
  StoredTensor tensor = make_tensor({1, 2}, {2});
  tensor.offset = 1;

  CHECK_THROWS_WITH(write_bytes(Dict{{"w", noted(tensor)}}),
                    Catch::Contains("can't save root['w']: a tensor with elements up to 3"));
}
