// Objects as cereal's portable binary, and bytes that nobody vouches for.
#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <variant>
#include <vector>

#include <ATen/ATen.h>

#include <cereal/types/map.hpp>
#include <cereal/types/memory.hpp>
#include <cereal/types/optional.hpp>
#include <cereal/types/set.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/variant.hpp>
#include <cereal/types/vector.hpp>

#include "checkpoint/binary.hpp"
#include "checkpoint/tensor.hpp"
#include "tests/support/catch.hpp"

using namespace cairn::checkpoint;
using Catch::Matchers::Contains;

namespace blob {

// A type of somebody else that only speaks binary.
struct Index {
  std::vector<float> weights{};
  std::map<std::string, std::uint16_t> names{};
  std::uint8_t raw[4]{};
  bool sorted{false};
  template <class Archive>
  void serialize(Archive& archive, std::uint32_t) {
    archive(weights, names, cereal::binary_data(raw, sizeof(raw)), sorted);
  }
};

struct Empty {};

struct Node {
  std::unique_ptr<Node> next{};
  template <class Archive>
  void serialize(Archive& archive) {
    archive(next);
  }
};

struct Shape {
  virtual ~Shape() = default;
  [[nodiscard]] virtual int area() const = 0;
};
struct Circle : Shape {
  int radius{0};
  [[nodiscard]] int area() const override { return 3 * radius * radius; }
  template <class Archive>
  void serialize(Archive& archive) {
    archive(radius);
  }
};

struct Mixed {
  std::shared_ptr<int> number{};
  std::shared_ptr<std::string> text{};
  template <class Archive>
  void serialize(Archive& archive) {
    archive(number, text);
  }
};

inline Index index() {
  return {.weights = {1, 2.5F}, .names = {{"a", 1}, {"b", 2}}, .raw = {1, 2, 3, 4}, .sorted = true};
}

// What from_binary makes of these bytes.
template <class T>
Value with_bytes(const std::string& bytes) {
  auto value = to_binary(T{});
  auto data = at::empty({static_cast<std::int64_t>(bytes.size())}, at::kByte);
  std::copy(bytes.begin(), bytes.end(), static_cast<char*>(data.mutable_data_ptr()));
  value["data"] = data;
  return value;
}

template <class T>
ErrorCode code_of(const Value& value, const BinaryOptions& options = {}) {
  try {
    T object{};
    from_binary(value, object, options);
  } catch (const Error& error) {
    return error.code();
  }
  FAIL("no error");
  return ErrorCode::key;
}

inline std::string number(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text.push_back(static_cast<char>(value >> (8 * i)));
  return text;
}

}  // namespace blob

CEREAL_CLASS_VERSION(blob::Index, 3)
CEREAL_REGISTER_TYPE_WITH_NAME(blob::Circle, "BlobCircle")
CEREAL_REGISTER_POLYMORPHIC_RELATION(blob::Shape, blob::Circle)

using namespace blob;

TEST_CASE("a binary object says what it is, beside its bytes", "[binary]") {
  const auto value = to_binary(index());

  CHECK(value.at("__cpp__").as_string() == "blob::Index");
  CHECK(value.at("codec").as_string() == "cereal.portable_binary");
  CHECK(value.at("version").as_int() == 3);
  const auto data = value.at("data").as<at::Tensor>();
  CHECK(data.scalar_type() == at::kByte);
  // Little-endian flag, class version, number of weights.
  const auto head = at::tensor({1, 3, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0}, at::kByte);
  CHECK(at::equal(data.slice(0, 0, 13), head));
}

TEST_CASE("a binary object comes back", "[binary]") {
  Index back;

  from_binary(to_binary(index()), back);

  CHECK(back.weights == index().weights);
  CHECK(back.names == index().names);
  CHECK(back.raw[3] == 4);
  CHECK(back.sorted);
}

TEST_CASE("bytes of a machine with the other byte order are read", "[binary]") {
  std::ostringstream stream;
  {
    using Options = cereal::PortableBinaryOutputArchive::Options;
    cereal::PortableBinaryOutputArchive archive(stream, Options::BigEndian());
    archive(index());
  }
  Index back;

  from_binary(with_bytes<Index>(stream.str()), back);

  CHECK(back.weights == index().weights);
  CHECK(back.names.at("b") == 2);
}

TEST_CASE("another class, codec or newer version is refused", "[binary]") {
  auto value = to_binary(index());
  CHECK(code_of<Node>(value) == ErrorCode::type);
  Index back;
  CHECK_THROWS_WITH(from_binary(value, back, {.name = "ns::Foo"}),
                    Contains("it is a blob::Index, not a ns::Foo"));

  value["version"] = 4;
  CHECK(code_of<Index>(value) == ErrorCode::unsupported);
  value["version"] = 3;
  value["codec"] = "cereal.binary";
  CHECK(code_of<Index>(value) == ErrorCode::unsupported);
  CHECK(code_of<Index>(Dict{{"a", 1}}) == ErrorCode::type);
}

TEST_CASE("every truncation and every byte too many is corrupt", "[binary]") {
  const auto whole = to_binary(index()).at("data").as<at::Tensor>();
  for (std::int64_t size = 0; size < whole.numel(); ++size) {
    auto value = to_binary(index());
    value["data"] = whole.slice(0, 0, size);
    CHECK(code_of<Index>(value) == ErrorCode::corrupt);
  }
  auto value = to_binary(index());
  value["data"] = at::cat({whole, at::zeros({1}, at::kByte)});
  CHECK(code_of<Index>(value) == ErrorCode::corrupt);
}

TEST_CASE("a tensor that repeats a byte 2^40 times is no binary object", "[binary]") {
  auto value = to_binary(index());
  value["data"] = at::ones({1}, at::kByte).expand({std::int64_t{1} << 40});

  CHECK(code_of<Index>(value) == ErrorCode::corrupt);
}

TEST_CASE("a container never has more elements than there are bytes", "[binary]") {
  using Doubles = std::vector<double>;
  using Text = std::string;
  for (const auto size : {std::uint64_t{1} << 62, ~std::uint64_t{0}, std::uint64_t{1'000'000}}) {
    const auto bytes = '\x01' + number(size, 8) + "12345678";
    CHECK(code_of<Doubles>(with_bytes<Doubles>(bytes)) == ErrorCode::corrupt);
    CHECK(code_of<Text>(with_bytes<Text>(bytes)) == ErrorCode::corrupt);
    CHECK(code_of<std::set<int>>(with_bytes<std::set<int>>(bytes)) == ErrorCode::corrupt);
    CHECK(code_of<std::vector<bool>>(with_bytes<std::vector<bool>>(bytes)) == ErrorCode::corrupt);
  }
}

TEST_CASE("elements without bytes have a limit of their own, over all containers", "[binary]") {
  using Empties = std::vector<std::vector<Empty>>;
  Empties back;
  from_binary(to_binary(Empties{{Empty{}, Empty{}}, {Empty{}}}), back);
  CHECK(back.at(0).size() == 2);

  CHECK(code_of<Empties>(to_binary(Empties(1, std::vector<Empty>(9))), {.max_empty_elements = 8}) ==
        ErrorCode::corrupt);
  // Each inner vector is no longer than the bytes that are left; all together they are.
  constexpr std::uint64_t count = 2000;
  auto bytes = '\x01' + number(count, 8);
  for (std::uint64_t i = 0; i < count; ++i) bytes += number(8 * (count - i - 1), 8);
  CHECK(code_of<Empties>(with_bytes<Empties>(bytes)) == ErrorCode::corrupt);
}

TEST_CASE("objects within objects have a limit", "[binary]") {
  Node root;
  auto* last = &root;
  for (int i = 0; i < 100; ++i) {
    last->next = std::make_unique<Node>();
    last = last->next.get();
  }
  const auto value = to_binary(root);

  Node back;
  from_binary(value, back);
  CHECK(back.next->next != nullptr);
  CHECK(code_of<Node>(value, {.max_depth = 100}) == ErrorCode::limit);
  const auto deep = with_bytes<Node>(std::string(10'000'000, '\x01'));
  CHECK(code_of<Node>(deep) == ErrorCode::limit);
}

TEST_CASE("values that their type does not have are corrupt", "[binary]") {
  using Choice = std::variant<int, bool>;
  CHECK(code_of<bool>(with_bytes<bool>("\x01\x02")) == ErrorCode::corrupt);
  CHECK(code_of<bool>(with_bytes<bool>("\x05\x01")) == ErrorCode::corrupt);
  const auto choice = [](std::uint32_t index) { return '\x01' + number(index, 4) + "1234"; };
  CHECK(code_of<Choice>(with_bytes<Choice>(choice(2))) == ErrorCode::corrupt);
  CHECK(code_of<Choice>(with_bytes<Choice>(choice(0xFFFFFFFF))) == ErrorCode::corrupt);
}

TEST_CASE("shared pointers share again, and never change their type", "[binary]") {
  const auto shared = std::make_shared<int>(5);
  std::vector<std::shared_ptr<int>> back;
  from_binary(to_binary(std::vector<std::shared_ptr<int>>{shared, shared, nullptr}), back);
  CHECK(*back.at(0) == 5);
  CHECK(back[0] == back[1]);
  CHECK(back[2] == nullptr);

  // An int under the id 1, then a pointer to a text with the same id.
  const auto bytes = '\x01' + number(0x80000001, 4) + number(5, 4) + number(1, 4);
  Mixed mixed;
  CHECK_THROWS_WITH(from_binary(with_bytes<Mixed>(bytes), mixed),
                    Contains("an object of another class"));
  const auto dangling = '\x01' + number(7, 4);
  CHECK(code_of<std::shared_ptr<int>>(with_bytes<std::shared_ptr<int>>(dangling)) ==
        ErrorCode::corrupt);
}

TEST_CASE("registered classes behind a base come back, others are refused", "[binary]") {
  auto circle = std::make_shared<Circle>();
  circle->radius = 3;
  const std::shared_ptr<Shape> shape = circle;
  const auto value = to_binary(shape);

  std::shared_ptr<Shape> back;
  from_binary(value, back);
  CHECK(back->area() == 27);

  auto bytes = value.at("data").as<at::Tensor>().clone();
  bytes[1 + 4 + 8] = 'X';  // of the name
  auto other = value.clone();
  other["data"] = bytes;
  CHECK(code_of<std::shared_ptr<Shape>>(other) == ErrorCode::corrupt);
}
