// Pointers in trees: registered classes behind a base, shared objects, construction.
#include <memory>
#include <string>
#include <vector>

#include <ATen/ATen.h>

#include "tests/unit/checkpoint/tree_support.hpp"

using namespace cairn::checkpoint;
using Catch::Matchers::Contains;

namespace pointers {

struct Shape {
  virtual ~Shape() = default;
  [[nodiscard]] virtual double area() const = 0;
};

struct Circle : Shape {
  double radius{0};
  at::Tensor weight{};
  [[nodiscard]] double area() const override { return 3 * radius * radius; }
  template <class Archive>
  void serialize(Archive& archive) {
    archive(CEREAL_NVP(radius), CEREAL_NVP(weight));
  }
};

struct Named {
  std::string name{};
  virtual ~Named() = default;
  template <class Archive>
  void serialize(Archive& archive) {
    archive(CEREAL_NVP(name));
  }
};

// By two bases, so that the pointer to one of them is not that to the object.
struct Square : Named, Shape {
  double side{0};
  [[nodiscard]] double area() const override { return side * side; }
  template <class Archive>
  void serialize(Archive& archive) {
    archive(cereal::make_nvp("named", cereal::base_class<Named>(this)), CEREAL_NVP(side));
  }
};

struct Unregistered : Named {};

// A class of its own family, which is registered, too.
struct Animal {
  virtual ~Animal() = default;
  [[nodiscard]] virtual std::size_t legs() const = 0;
};
struct Dog : Animal {
  [[nodiscard]] std::size_t legs() const override { return 4; }
  template <class Archive>
  void serialize(Archive&) {}
};

// Writes itself as a list.
struct Centipede : Animal {
  std::vector<int> feet{1, 2, 3};
  [[nodiscard]] std::size_t legs() const override { return feet.size(); }
  template <class Archive>
  void save(Archive& archive) const {
    archive(cereal::make_size_tag(static_cast<cereal::size_type>(feet.size())));
    for (const auto& foot : feet) archive(foot);
  }
  template <class Archive>
  void load(Archive&) {}
};

struct Node {
  int value{0};
  std::shared_ptr<Node> next{};
  std::weak_ptr<Node> back{};
  template <class Archive>
  void serialize(Archive& archive) {
    archive(CEREAL_NVP(value), CEREAL_NVP(next), CEREAL_NVP(back));
  }
};

class Counter : public std::enable_shared_from_this<Counter> {
 public:
  explicit Counter(int start) : count_(start) {}
  [[nodiscard]] int count() const { return count_; }
  template <class Archive>
  void serialize(Archive& archive) {
    archive(cereal::make_nvp("count", count_));
  }
  template <class Archive>
  static void load_and_construct(Archive& archive, cereal::construct<Counter>& construct) {
    int count = 0;
    archive(CEREAL_NVP(count));
    construct(count);
  }

 private:
  int count_;
};

using Shapes = std::vector<std::unique_ptr<Shape>>;

}  // namespace pointers

CEREAL_REGISTER_TYPE_WITH_NAME(pointers::Circle, "Circle")
CEREAL_REGISTER_TYPE(pointers::Square)
CEREAL_REGISTER_TYPE_WITH_NAME(pointers::Dog, "Dog")
CEREAL_REGISTER_TYPE_WITH_NAME(pointers::Centipede, "Centipede")
CEREAL_REGISTER_POLYMORPHIC_RELATION(pointers::Shape, pointers::Circle)
CEREAL_REGISTER_POLYMORPHIC_RELATION(pointers::Shape, pointers::Square)
CEREAL_REGISTER_POLYMORPHIC_RELATION(pointers::Animal, pointers::Dog)
CEREAL_REGISTER_POLYMORPHIC_RELATION(pointers::Animal, pointers::Centipede)

using namespace pointers;

TEST_CASE("an object behind a pointer to its base is a dict with the name of its class",
          "[cereal]") {
  auto circle = std::make_unique<Circle>();
  circle->radius = 2;
  const auto weight = circle->weight = at::ones({2});
  auto square = std::make_unique<Square>();
  square->name = "s";
  Shapes shapes;
  shapes.push_back(std::move(circle));
  shapes.push_back(nullptr);
  shapes.push_back(std::move(square));

  CHECK(equal(
      to_tree(shapes),
      List{Dict{{"__type__", "Circle"}, {"radius", 2.0}, {"weight", weight}}, nullptr,
           Dict{{"__type__", "pointers::Square"}, {"named", Dict{{"name", "s"}}}, {"side", 0.0}}}));
}

TEST_CASE("objects behind pointers to their bases come back", "[cereal]") {
  auto square = std::make_shared<Square>();
  square->name = "s";
  square->side = 3;
  const std::shared_ptr<Shape> shape = square;
  const std::shared_ptr<const Named> named = square;
  auto circle = std::make_unique<Circle>();
  circle->radius = 2;
  Shapes shapes;
  shapes.push_back(std::move(circle));

  CHECK(round_trip(shape)->area() == 9);
  CHECK(round_trip(named)->name == "s");
  Shapes back;
  from_tree(to_tree(shapes), back, "it");
  CHECK(back.at(0)->area() == 12);
  CHECK(round_trip(square)->side == 3);
}

TEST_CASE("an object of the pointer's own class has no name", "[cereal]") {
  const auto named = std::make_shared<Named>();

  CHECK(equal(to_tree(named), Dict{{"name", ""}}));
}

TEST_CASE("a class that is not registered is refused by its name", "[cereal]") {
  const std::shared_ptr<Named> named = std::make_shared<Unregistered>();

  CHECK_THROWS_WITH(to_tree(named), Contains("pointers::Unregistered, which is not registered"));
}

TEST_CASE("an unknown name of a class is refused with those that are known", "[cereal]") {
  const Value tree = List{Dict{{"__type__", "Triangle"}}};

  const auto message = error_of<Shapes>(tree, ErrorCode::unsupported);

  CHECK_THAT(message, Contains("\"it[0]\" is of the class \"Triangle\""));
  CHECK_THAT(message, Contains("Centipede, Circle, Dog, pointers::Square"));
}

TEST_CASE("a class that is no derived one of the pointer's is refused", "[cereal]") {
  const Value tree = Dict{{"__type__", "Dog"}};

  const auto cause = Contains("\"it\" is of the class \"Dog\", which is not known to derive from");
  CHECK_THAT(error_of<std::shared_ptr<Shape>>(tree), cause);
  CHECK_THAT(error_of<std::unique_ptr<Shape>>(tree), cause);
}

TEST_CASE("a pointer to an abstract class needs the name of a class", "[cereal]") {
  CHECK_THAT(error_of<std::unique_ptr<Shape>>(Dict{{"radius", 1}}),
             Contains("must name its class under \"__type__\""));
  CHECK_THAT(error_of<std::unique_ptr<Shape>>(Dict{{"__type__", 1}}),
             Contains("must have a text under \"__type__\""));
}

TEST_CASE("a class that is a list has no place for its name", "[cereal]") {
  const std::shared_ptr<Animal> animal = std::make_shared<Centipede>();

  CHECK_THROWS_WITH(to_tree(animal), Contains("Centipede is stored as a list"));
}

TEST_CASE("pointers that share an object share a dict, and share the object again", "[cereal]") {
  const auto node = std::make_shared<Node>();
  node->value = 4;
  const std::vector<std::shared_ptr<Node>> nodes{node, node, std::make_shared<Node>()};

  const auto tree = to_tree(nodes);
  const auto back = round_trip(nodes);

  const auto& items = tree.as_list();
  CHECK(items.at(0).as_dict().identity() == items.at(1).as_dict().identity());
  CHECK(items.at(0).as_dict().identity() != items.at(2).as_dict().identity());
  CHECK(back[0] == back[1]);
  CHECK(back[0] != back[2]);
  CHECK(back[1]->value == 4);
}

TEST_CASE("pointers that share a plain value store it twice", "[cereal]") {
  const auto number = std::make_shared<int>(5);
  const std::vector<std::shared_ptr<int>> numbers{std::make_shared<int>(1), number, number};

  CHECK(equal(to_tree(numbers), List{1, 5, 5}));
  CHECK(*round_trip(numbers).at(2) == 5);
}

TEST_CASE("pointers of different types to one object share it", "[cereal]") {
  const auto square = std::make_shared<Square>();
  const std::pair<std::shared_ptr<Shape>, std::shared_ptr<Named>> both{square, square};

  const auto back = round_trip(both);

  CHECK(dynamic_cast<Square*>(back.first.get()) == dynamic_cast<Square*>(back.second.get()));
}

TEST_CASE("one container never becomes objects of two classes", "[cereal]") {
  const Dict shared{{"name", "n"}, {"count", 3}};
  const Value tree = Tuple{shared, shared};

  std::pair<std::shared_ptr<Named>, std::shared_ptr<Counter>> back;
  from_tree(tree, back, "it");

  CHECK(back.first->name == "n");
  CHECK(back.second->count() == 3);
}

TEST_CASE("a weak pointer finds the object that a shared one holds", "[cereal]") {
  const auto first = std::make_shared<Node>();
  const auto second = std::make_shared<Node>();
  second->value = 2;
  first->next = second;
  first->back = second;

  const auto back = round_trip(first);

  CHECK(back->back.lock() == back->next);
}

TEST_CASE("a circle of pointers is refused", "[cereal]") {
  const auto node = std::make_shared<Node>();
  node->next = node;

  CHECK_THROWS_WITH(to_tree(node), Contains("a pointer to itself"));
  node->next.reset();
}

TEST_CASE("load_and_construct makes objects that have no default constructor", "[cereal]") {
  const auto back = round_trip(std::make_shared<Counter>(5));

  CHECK(back->count() == 5);
  CHECK(back->shared_from_this() == back);
  CHECK(round_trip(std::make_shared<Counter>(6))->count() == 6);
}
