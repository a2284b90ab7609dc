// Trees that no TreeOutputArchive made: what Python made of one, and what a file says to do harm.
#include <cmath>
#include <complex>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <ATen/ATen.h>

#include "checkpoint/cereal.hpp"
#include "tests/support/catch.hpp"

using namespace cairn::checkpoint;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace foreign {

struct Branch {
  std::vector<Branch> children{};
  template <class Archive>
  void serialize(Archive& archive) {
    archive(CEREAL_NVP(children));
  }
};

struct Dated {
  int value{0};
  template <class Archive>
  void serialize(Archive& archive, std::uint32_t) {
    archive(CEREAL_NVP(value));
  }
};

struct Holder {
  at::Tensor tensor{};
  double number{0};
  template <class Archive>
  void serialize(Archive& archive) {
    archive(CEREAL_NVP(tensor), CEREAL_NVP(number));
  }
};

template <class T>
T read(const Value& tree) {
  T object{};
  from_tree(tree, object, "it", {.keep_missing = true});
  return object;
}

template <class T>
std::string error_of(const Value& tree, ErrorCode code) {
  try {
    read<T>(tree);
  } catch (const Error& error) {
    CHECK(error.code() == code);
    return error.what();
  }
  FAIL("no error");
  return {};
}

inline Value tensor_of(DType dtype) {
  auto storage = std::make_shared<Storage>();
  storage->dtype = dtype;
  auto memory = std::make_shared<std::string>(16, '\1');
  storage->nbytes = memory->size();
  storage->data = reinterpret_cast<std::byte*>(memory->data());
  storage->owner = memory;
  return StoredTensor{.storage = storage, .dtype = dtype, .sizes = {1}, .strides = {1}};
}

}  // namespace foreign

CEREAL_CLASS_VERSION(foreign::Dated, 2)

using namespace foreign;

TEST_CASE("complex tensors are complex numbers, and no real ones", "[cereal]") {
  using Complex = std::complex<double>;
  const Value waves = at::complex(at::tensor({1.0, 3.0}), at::tensor({2.0, -4.0}));
  const Value wave = at::complex(at::tensor({1.0F}), at::tensor({2.0F}));

  CHECK(read<Complex>(wave) == Complex(1, 2));
  CHECK(read<std::vector<Complex>>(waves) == std::vector<Complex>{{1, 2}, {3, -4}});
  CHECK_THAT(error_of<double>(wave, ErrorCode::type), Contains("must be a number"));
}

TEST_CASE("unsigned tensors keep the numbers that int64 has not", "[cereal]") {
  const auto numbers = at::tensor({-1, 7}, at::kLong).view(at::kUInt64);

  CHECK(read<std::uint64_t>(Value(numbers.slice(0, 0, 1))) == ~std::uint64_t{0});
  CHECK(read<std::vector<std::uint64_t>>(Value(numbers)) ==
        std::vector<std::uint64_t>{~std::uint64_t{0}, 7});
}

TEST_CASE("tensors of what are no numbers are refused with their path", "[cereal]") {
  for (const auto dtype : {DType::bits8, DType::float4_e2m1fn_x2}) {
    CHECK_THAT(error_of<Holder>(Dict{{"number", tensor_of(dtype)}}, ErrorCode::unsupported),
               StartsWith("\"it.number\""));
    CHECK_THAT(error_of<std::vector<double>>(tensor_of(dtype), ErrorCode::unsupported),
               StartsWith("\"it\""));
  }
}

TEST_CASE("what is wrong with a tensor is told with its path", "[cereal]") {
  auto damaged = tensor_of(DType::float32).as_tensor();
  damaged.sizes = {5};
  const Value tree = Dict{{"tensor", damaged}};
  const Value unknown = Dict{{"tensor", Opaque::name("numpy", "ndarray")}};

  CHECK_THAT(error_of<Holder>(tree, ErrorCode::corrupt), StartsWith("\"it.tensor\""));
  CHECK_THAT(error_of<Holder>(unknown, ErrorCode::type), StartsWith("\"it.tensor\""));
}

TEST_CASE("sparse and quantized tensors are members, too", "[cereal][tensor]") {
  const auto sparse = at::eye(3).to_sparse();
  const auto quantized = at::quantize_per_tensor(at::ones({2}), 0.5, 0, at::kQInt8);

  CHECK(at::equal(read<Holder>(to_tree(Holder{.tensor = sparse})).tensor.to_dense(), at::eye(3)));
  CHECK(read<Holder>(to_tree(Holder{.tensor = quantized})).tensor.is_quantized());
}

TEST_CASE("keys that become one are refused, not dropped", "[cereal]") {
  using Counts = std::map<std::string, int>;
  const Value texts = Dict{{"a", 1}, {Bytes{"a"}, 2}};
  const Value near = Dict{{1e-60, 1}, {0.0, 2}};
  const Value not_a_number = Dict{{1.0, 1}, {std::nan(""), 2}};

  CHECK_THAT(error_of<Counts>(texts, ErrorCode::type), StartsWith("\"it.key\" "));
  CHECK_THAT((error_of<std::map<float, int>>(near, ErrorCode::type)), StartsWith("\"it.key\" "));
  CHECK_THAT((error_of<std::map<double, int>>(not_a_number, ErrorCode::type)),
             StartsWith("\"it.key\" "));
}

TEST_CASE("a version that is no integer is refused", "[cereal]") {
  for (const Value& version : {Value(at::ones({1}, at::kLong)), Value(1.0), Value("1")}) {
    const Value tree = Dict{{"value", 5}, {"cereal_class_version", version}};
    CHECK_THAT(error_of<Dated>(tree, ErrorCode::type), StartsWith("\"it\" "));
  }
}

TEST_CASE("a tensor of a few bytes is no list of 2^40 numbers", "[cereal]") {
  const auto wide = at::ones({1}).expand({std::int64_t{1} << 40});

  CHECK_THAT(error_of<std::vector<float>>(Value(wide), ErrorCode::limit), StartsWith("\"it\""));
  CHECK(read<std::vector<float>>(Value(at::ones({1}).expand({1000}))).size() == 1000);
}

TEST_CASE("a list that lists name 2^60 times is refused", "[cereal]") {
  Value tree = Dict{{"children", List()}};
  for (int level = 0; level < 60; ++level) tree = Dict{{"children", List{tree, tree}}};

  CHECK_THAT(error_of<Branch>(tree, ErrorCode::limit), StartsWith("\"it.children[0]"));
}

TEST_CASE("nothing, a text or a long name that is repeated without end is refused", "[cereal]") {
  std::vector<Value> texts(100'000, Value::identified(std::string(100'000, 'x')));
  const Value nothing = List(std::vector<Value>(10'000, Value()));
  const Value lists = List(std::vector<Value>(10'000, nothing));
  Dict extra{{"number", 1}, {std::string(100'000, 'x'), 2}};
  const Value holders = List(std::vector<Value>(10'000, Value(extra)));

  for (const auto& message : {
           error_of<std::vector<std::string>>(List(std::move(texts)), ErrorCode::limit),
           error_of<std::vector<std::vector<std::optional<int>>>>(lists, ErrorCode::limit),
           error_of<std::vector<Holder>>(holders, ErrorCode::limit),
       }) {
    CHECK_THAT(message, StartsWith("\"it["));
  }
}

TEST_CASE("a long text that is read once is no repetition", "[cereal]") {
  const std::string text(3'000'000, 'x');

  CHECK(read<std::string>(Value::identified(text)) == text);
}

TEST_CASE("what is repeated within reason is read as often as it is named", "[cereal]") {
  const Value defaults = Dict{{"number", 5}, {"tensor", nullptr}};
  const Value tree = List(std::vector<Value>(400'000, defaults));

  CHECK(read<std::vector<Holder>>(tree).back().number == 5);
}

TEST_CASE("parts of a tensor that a few bytes are expanded to are corrupt", "[cereal][tensor]") {
  constexpr std::int64_t most = std::int64_t{1} << 40;
  const auto call = [](const char* name, const Tuple& arguments) -> Value {
    return Dict{{"tensor",
                 Opaque::make(Opaque::Form::call, Opaque::name("torch._utils", name), arguments)}};
  };
  const Value layout =
      Opaque::make(Opaque::Form::call, Opaque::name("torch.serialization", "_get_layout"),
                   Tuple{"torch.sparse_coo"});
  const Value indices = at::zeros({1, 1}, at::kLong).expand({1, most});
  const Value elements = at::ones({1}).expand({most});
  const Value row = at::zeros({1, 1}, at::kLong);
  const auto memory = at::zeros({1}, at::kByte);
  auto storage = to_stored(memory).storage;
  storage->dtype = DType::quint8;

  const auto sparse = call("_rebuild_sparse_tensor",
                           Tuple{layout, Tuple{indices, elements, Tuple::shape({8}), false}});
  const auto nested =
      call("_rebuild_nested_tensor", Tuple{elements, row, row, Value(at::zeros({1}, at::kLong))});
  const auto quantized =
      call("_rebuild_qtensor", Tuple{Opaque::storage(storage, false), 0, Tuple{most}, Tuple{0},
                                     Tuple{Opaque::name("torch", "per_tensor_affine"), 0.5, 0},
                                     false, Dict::ordered()});

  for (const auto& tree : {sparse, nested, quantized})
    CHECK_THAT(error_of<Holder>(tree, ErrorCode::corrupt), Contains("than its storage has"));
}
