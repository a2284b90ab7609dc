// Users' own objects as trees of plain data.
#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include <ATen/ATen.h>

// Users include these of cereal too: they must not get in the way.
#include <cereal/types/map.hpp>
#include <cereal/types/memory.hpp>
#include <cereal/types/optional.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/tuple.hpp>
#include <cereal/types/utility.hpp>

#include "tests/unit/checkpoint/tree_support.hpp"

using namespace cairn::checkpoint;
using Catch::Matchers::Contains;

namespace {

struct Ema {
  int step{0};
  double decay{0};
  at::Tensor weight{};
  template <class Archive>
  void serialize(Archive& archive) {
    archive(CEREAL_NVP(step), CEREAL_NVP(decay), CEREAL_NVP(weight));
  }
};

enum class Mode { idle, busy };

struct MyState {
  std::string name{};
  Ema ema{};
  std::vector<float> losses{};
  std::map<std::string, Ema> by_name{};
  template <class Archive>
  void serialize(Archive& archive) {
    archive(CEREAL_NVP(name), CEREAL_NVP(ema), CEREAL_NVP(losses), CEREAL_NVP(by_name));
  }
};

struct Versioned {
  int value{0};
  std::uint32_t read_as{99};
  template <class Archive>
  void serialize(Archive& archive, std::uint32_t version) {
    archive(CEREAL_NVP(value));
    read_as = version;
  }
};

struct Base {
  int id{0};
  template <class Archive>
  void serialize(Archive& archive) {
    archive(CEREAL_NVP(id));
  }
};

struct Derived : Base {
  int size{0};
  template <class Archive>
  void serialize(Archive& archive) {
    archive(cereal::make_nvp("base", cereal::base_class<Base>(this)), CEREAL_NVP(size));
  }
};

struct Shape {
  virtual ~Shape() = default;
  template <class Archive>
  void serialize(Archive&) {}
};
struct Circle : Shape {};

// Not by member, not by name: a type of somebody else.
struct Point {
  int x{0};
  int y{0};
};
template <class Archive>
void serialize(Archive& archive, Point& point) {
  archive(point.x, point.y);
}

}  // namespace

CEREAL_CLASS_VERSION(Versioned, 3)

TEST_CASE("an object is assigned to a key and read from it", "[cereal]") {
  Value checkpoint;
  const MyState state{.name = "run", .ema = {.step = 3, .decay = 0.5, .weight = at::ones({2})}};

  checkpoint["something_cool_i_want_to_save"] = state;
  const auto back = checkpoint.at("something_cool_i_want_to_save").as<MyState>();

  CHECK(back.name == "run");
  CHECK(back.ema.step == 3);
  CHECK(at::equal(back.ema.weight, at::ones({2})));
}

TEST_CASE("a class is a dict of its fields, in their order", "[cereal]") {
  const auto weight = at::ones({2});
  const Value tree = MyState{.name = "run",
                             .ema = {.step = 3, .decay = 0.5, .weight = weight},
                             .losses = {1.5F, 2},
                             .by_name = {{"a", {.step = 4}}}};

  CHECK(equal(tree, Dict{{"name", "run"},
                         {"ema", Dict{{"step", 3}, {"decay", 0.5}, {"weight", weight}}},
                         {"losses", List{1.5, 2.0}},
                         {"by_name",
                          Dict{{"a", Dict{{"step", 4}, {"decay", 0.0}, {"weight", nullptr}}}}}}));
}

TEST_CASE("fields without a name are numbered", "[cereal]") {
  const Value tree = Point{.x = 1, .y = 2};

  CHECK(equal(tree, Dict{{"value0", 1}, {"value1", 2}}));
  CHECK(tree.as<Point>().y == 2);
}

TEST_CASE("containers are what Python would use", "[cereal]") {
  CHECK(equal(to_tree(std::pair<int, std::string>{1, "a"}), Tuple{1, "a"}));
  CHECK(equal(to_tree(std::tuple<int, double, bool>{1, 2.5, true}), Tuple{1, 2.5, true}));
  CHECK(equal(to_tree(std::array<int, 2>{1, 2}), List{1, 2}));
  CHECK(equal(to_tree(std::set<int>{2, 1}), List{1, 2}));
  CHECK(equal(to_tree(std::vector<bool>{true, false}), List{true, false}));
  CHECK(equal(to_tree(std::map<int, bool>{{1, true}}), Dict{{1, true}}));
  CHECK(equal(to_tree(std::unordered_map<Mode, int>{{Mode::busy, 5}}), Dict{{1, 5}}));
  CHECK(
      equal(to_tree(std::map<std::pair<int, int>, int>{{{1, 2}, 3}}), List{Tuple{Tuple{1, 2}, 3}}));
  CHECK(equal(to_tree(std::optional<int>()), nullptr));
  CHECK(equal(to_tree(std::optional<int>(1)), 1));
  CHECK(equal(to_tree(std::unique_ptr<int>()), nullptr));
  CHECK(equal(to_tree(std::make_shared<Point>()), Dict{{"value0", 0}, {"value1", 0}}));
  CHECK(equal(to_tree(Mode::busy), 1));
  CHECK(equal(to_tree(std::vector<Ema>{}), List()));
}

TEST_CASE("containers come back", "[cereal]") {
  CHECK(round_trip(std::pair<int, std::string>{1, "a"}) == std::pair<int, std::string>{1, "a"});
  CHECK(round_trip(std::tuple<int, bool>{1, true}) == std::tuple<int, bool>{1, true});
  CHECK(round_trip(std::array<double, 2>{1, 2}) == std::array<double, 2>{1, 2});
  CHECK(round_trip(std::set<std::string>{"b", "a"}) == std::set<std::string>{"a", "b"});
  CHECK(round_trip(std::vector<bool>{true, false}) == std::vector<bool>{true, false});
  CHECK(round_trip(std::map<int, char>{{1, 'x'}}) == std::map<int, char>{{1, 'x'}});
  const std::map<std::pair<int, int>, int> odd_keys{{{1, 2}, 3}};
  CHECK(round_trip(odd_keys) == odd_keys);
  const std::unordered_map<Mode, std::vector<int>> by_mode{{Mode::busy, {5, 6}}};
  CHECK((round_trip(by_mode) == by_mode));
  CHECK(round_trip(std::optional<int>(1)) == 1);
  CHECK_FALSE(round_trip(std::optional<int>()));
  CHECK(*round_trip(std::make_shared<int>(7)) == 7);
  CHECK(round_trip(std::shared_ptr<int>()) == nullptr);
  const std::variant<int, std::string> text = "a";
  CHECK(round_trip(text) == text);
  CHECK(round_trip(Mode::busy) == Mode::busy);
}

TEST_CASE("integers and texts at their limits come back", "[cereal]") {
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  CHECK(round_trip(most) == most);
  CHECK(round_trip(std::uint64_t{1} << 63) == std::uint64_t{1} << 63);
  CHECK(round_trip(std::numeric_limits<std::int64_t>::min()) ==
        std::numeric_limits<std::int64_t>::min());
  const std::string binary("\xff\x00\xc0\x80", 4);
  CHECK(round_trip(binary) == binary);
  CHECK(to_tree(binary).kind() == Kind::bytes);
  const std::string text = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";
  CHECK(round_trip(text) == text);
  CHECK(to_tree(text).kind() == Kind::string);
}

TEST_CASE("an integer beyond int64 is the number that it is in Python", "[cereal]") {
  // pickle.encode_long(2**64 - 1)
  CHECK(to_tree(std::numeric_limits<std::uint64_t>::max()).as_big_int().data ==
        std::string("\xff\xff\xff\xff\xff\xff\xff\xff\x00", 9));
}

TEST_CASE("a base class has its own dict", "[cereal]") {
  Derived object;
  object.id = 4;
  object.size = 5;

  CHECK(equal(to_tree(object), Dict{{"base", Dict{{"id", 4}}}, {"size", 5}}));
  CHECK(round_trip(object).id == 4);
}

TEST_CASE("every object of a versioned class has its version", "[cereal]") {
  const Value tree = std::vector<Versioned>(2);
  const Dict expected{{"cereal_class_version", 3}, {"value", 0}};

  CHECK(equal(tree, List{expected, expected}));
  CHECK(tree.as<std::vector<Versioned>>().at(1).read_as == 3);
}

TEST_CASE("a class that got its version later reads older trees as version 0", "[cereal]") {
  CHECK(Value(Dict{{"value", 1}}).as<Versioned>().read_as == 0);
}

TEST_CASE("fields are found by name, in any order, and more of them do no harm", "[cereal]") {
  const Value tree = Dict{{"new_field", "x"}, {"decay", 1}, {"weight", at::ones({1})}, {"step", 2}};

  const auto ema = tree.as<Ema>();

  CHECK(ema.step == 2);
  CHECK(ema.decay == 1);
}

TEST_CASE("a missing field is named with its path", "[cereal]") {
  Value tree = MyState{.by_name = {{"a", {}}}};
  tree["ema"].as_dict().erase("step");
  CHECK(error_of<MyState>(tree, ErrorCode::key) == "\"it.ema.step\" is missing");

  tree = MyState{.by_name = {{"a", {}}}};
  tree["by_name"]["a"].as_dict().erase("decay");
  CHECK(error_of<MyState>(tree, ErrorCode::key) == "\"it.by_name.a.decay\" is missing");
}

TEST_CASE("a field of another kind is named with its path", "[cereal]") {
  Value tree = MyState{.losses = {1, 2}};
  tree["losses"].as_list().items()[1] = "text";
  CHECK_THAT(error_of<MyState>(tree), Contains("\"it.losses[1]\" must be a number"));

  tree = MyState{};
  tree["ema"] = 5;
  CHECK_THAT(error_of<MyState>(tree), Contains("\"it.ema\" must be a dict"));
  tree["ema"] = Ema{};
  tree["losses"] = Dict();
  CHECK_THAT(error_of<MyState>(tree), Contains("\"it.losses\" must be a list"));
  tree["losses"] = List();
  tree["ema"]["step"] = 1.5;
  CHECK_THAT(error_of<MyState>(tree), Contains("it.ema.step"));
  tree["ema"]["step"] = std::int64_t{1} << 40;
  CHECK_THAT(error_of<MyState>(tree), Contains("does not fit"));
  CHECK_THAT((error_of<std::array<int, 2>>(List{1})), Contains("2 items"));
}

TEST_CASE("an optional field that is missing is none", "[cereal]") {
  struct Later {
    std::optional<int> added{5};
    void serialize(TreeInputArchive& archive) { archive(CEREAL_NVP(added)); }
  } later;

  from_tree(Dict(), later, "later");

  CHECK_FALSE(later.added);
}

TEST_CASE("numbers that Python made tensors of are taken", "[cereal]") {
  Value tree = MyState{};
  tree["ema"]["step"] = at::scalar_tensor(8, at::kLong);
  tree["ema"]["decay"] = at::ones({1}, at::kFloat);
  tree["losses"] = at::tensor({0.5F, 0.25F});

  const auto state = tree.as<MyState>();

  CHECK(state.ema.step == 8);
  CHECK(state.ema.decay == 1);
  CHECK(state.losses == std::vector<float>{0.5F, 0.25F});
}

TEST_CASE("a pointer to a base class is refused", "[cereal]") {
  const std::unique_ptr<Shape> shape = std::make_unique<Circle>();

  CHECK_THROWS_AS(to_tree(shape), Error);
}

TEST_CASE("two fields of one name are refused", "[cereal]") {
  struct Twice {
    int a{0};
    void serialize(TreeOutputArchive& archive) { archive(CEREAL_NVP(a), CEREAL_NVP(a)); }
  };

  CHECK_THROWS_WITH(to_tree(Twice{}), Contains("\"a\""));
}

TEST_CASE("trees and states of modules are members too", "[cereal]") {
  StateDict state;
  state.set("w", at::ones({1}));
  const std::pair<Value, StateDict> object{List{1, "two"}, state};

  const auto back = round_trip(object);

  CHECK(equal(back.first, List{1, "two"}));
  CHECK(back.second.contains("w"));
}
