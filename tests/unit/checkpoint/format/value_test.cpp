// Trees of values: keys as in Python, handles, errors that help.
#include <cmath>
#include <limits>

#include "tests/support/catch.hpp"
#include "tests/unit/checkpoint/format/support.hpp"

using namespace cairn::checkpoint;

namespace {

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("1, 1.0 and True are one key", "[value]") {
  Dict dict;
  dict[1] = "first";
  dict[1.0] = "second";
  dict[true] = "third";

  CHECK(dict.size() == 1);
  CHECK(dict.at(1).as_string() == "third");
  CHECK(dict.items()[0].first.kind() == Kind::integer);
}

TEST_CASE("a real beyond 64 bits is the same key as the integer", "[value]") {
  Dict dict;
  dict[BigInt{std::string(12, '\0') + "\x10"}] = 1;  // 2^100

  CHECK(dict.contains(0x1p100));
  CHECK_FALSE(dict.contains(0x1p99));
}

TEST_CASE("text and bytes of the same letters are two keys", "[value]") {
  Dict dict;
  dict["a"] = 1;
  dict[Bytes{"a"}] = 2;

  CHECK(dict.size() == 2);
}

TEST_CASE("a dict keeps the order of insertion, also after one is erased", "[value]") {
  Dict dict;
  for (int i = 0; i < 100; ++i) dict[i] = i;
  dict.erase(3);
  dict[3] = "last";

  CHECK(dict.size() == 100);
  CHECK(dict.items().back().first.as_int() == 3);
  CHECK(dict.at(99).as_int() == 99);
  CHECK(dict.items()[3].first.as_int() == 4);
}

TEST_CASE("a list can't be a key", "[value]") {
  Dict dict;

  CHECK_THROWS_AS(dict[Value(List{1})], Error);
}

TEST_CASE("a missing key is answered with the nearest one", "[value]") {
  const Value root = Dict{{"optimizer_states", 1}, {"state_dict", 2}};

  const std::string message = message_of([&] { static_cast<void>(root.at("optimizer_state")); });

  CHECK(message == "no key 'optimizer_state'; did you mean 'optimizer_states'?");
}

TEST_CASE("a value of another kind says what it is", "[value]") {
  const Value root = "text";

  CHECK(message_of([&] { static_cast<void>(root.as_int()); }) == "expected int, found str");
}

TEST_CASE("unsigned integers beyond 63 bits stay what they are", "[value]") {
  const std::uint64_t seed = std::numeric_limits<std::uint64_t>::max() - 5;

  const Value value = seed;

  CHECK(value.as<std::uint64_t>() == seed);
  CHECK_THROWS_AS(value.as<std::int64_t>(), Error);
  CHECK(Value(std::uint64_t{7}).kind() == Kind::integer);
}

TEST_CASE("integers that do not fit are an error", "[value]") {
  CHECK_THROWS_AS(Value(300).as<std::uint8_t>(), Error);
  CHECK_THROWS_AS(Value(-1).as<std::uint64_t>(), Error);
}

TEST_CASE("a tree grows by assignment", "[value]") {
  Value root;
  root["model"]["step"] = 3;

  CHECK(root.at("model").at("step").as_int() == 3);
}

TEST_CASE("a copy of a list is the same list, a clone is not", "[value]") {
  List list{1};
  const Value copy = list;
  const Value clone = copy.clone();
  list.push_back(2);

  CHECK(copy.as_list().size() == 2);
  CHECK(clone.as_list().size() == 1);
}

TEST_CASE("a clone shares inside what the original shares", "[value]") {
  const List list{1};
  const Value clone = Value(Dict{{"a", list}, {"b", list}}).clone();

  CHECK(clone.at("a").as_list().identity() == clone.at("b").as_list().identity());
  CHECK(clone.at("a").as_list().identity() != list.identity());
}

TEST_CASE("equal compares by kind and content", "[value]") {
  CHECK(equal(List{1, "a"}, List{1, "a"}));
  CHECK_FALSE(equal(List{1}, Tuple{1}));
  CHECK_FALSE(equal(1, 1.0));
  CHECK_FALSE(equal(0.0, -0.0));
  CHECK(equal(std::nan(""), std::nan("")));
  CHECK_FALSE(equal(Dict{{"a", 1}, {"b", 2}}, Dict{{"b", 2}, {"a", 1}}));
}

TEST_CASE("tensors are equal by their elements, whatever their strides", "[value]") {
  const StoredTensor rows = format::make_tensor({1, 2, 3, 4}, {2, 2});
  StoredTensor columns = format::make_tensor({1, 3, 2, 4}, {2, 2});
  CHECK_FALSE(equal(rows, columns));

  columns.strides = {1, 2};

  CHECK(equal(rows, columns));
}
