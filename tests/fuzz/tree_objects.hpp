// The objects of a user that tree_target.cpp fills: one of each kind that checkpoint/cereal.hpp
// serves.
#pragma once

#include <array>
#include <bitset>
#include <complex>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include <ATen/core/Tensor.h>
#include <cereal/types/map.hpp>
#include <cereal/types/memory.hpp>
#include <cereal/types/optional.hpp>
#include <cereal/types/string.hpp>

#include "checkpoint/binary.hpp"
#include "checkpoint/cereal.hpp"

namespace fuzz_tree {

enum class Mode : std::uint8_t { idle, busy };

// Without names.
struct Point {
  int x{0};
  std::int8_t y{0};
  [[nodiscard]] auto fields() const { return std::tie(x, y); }
  template <class Archive>
  void serialize(Archive& archive) {
    archive(x, y);
  }
};

// As one plain value.
struct Level {
  int level{0};
  [[nodiscard]] auto fields() const { return std::tie(level); }
  template <class Archive>
  [[nodiscard]] int save_minimal(const Archive&) const {
    return level;
  }
  template <class Archive>
  void load_minimal(const Archive&, const int& stored) {
    level = stored;
  }
};

// Before version 2 there was no name.
struct Versioned {
  double value{0};
  std::string name{};
  [[nodiscard]] auto fields() const { return std::tie(value, name); }
  template <class Archive>
  void serialize(Archive& archive, std::uint32_t version) {
    archive(CEREAL_NVP(value));
    if (version >= 2) archive(CEREAL_NVP(name));
  }
};

struct Shape {
  int id{0};
  virtual ~Shape() = default;
  template <class Archive>
  void serialize(Archive& archive) {
    archive(CEREAL_NVP(id));
  }
};
struct Circle : Shape {
  float radius{0};
  [[nodiscard]] auto fields() const { return std::tie(id, radius); }
  template <class Archive>
  void serialize(Archive& archive) {
    archive(cereal::make_nvp("shape", cereal::base_class<Shape>(this)), CEREAL_NVP(radius));
  }
};
// A base class that nothing can be but what derives from it.
struct Animal {
  virtual ~Animal() = default;
  [[nodiscard]] virtual int legs() const = 0;
};
// By two bases, so that the pointer to one of them is not that to the object.
struct Turtle : Shape, Animal {
  int feet{4};
  [[nodiscard]] int legs() const override { return feet; }
  [[nodiscard]] auto fields() const { return std::tie(id, feet); }
  template <class Archive>
  void serialize(Archive& archive) {
    archive(cereal::make_nvp("shape", cereal::base_class<Shape>(this)), CEREAL_NVP(feet));
  }
};

struct Node {
  int value{0};
  std::shared_ptr<Node> left{};
  std::shared_ptr<Node> right{};
  std::unique_ptr<Node> own{};
  std::vector<Node> children{};
  [[nodiscard]] auto fields() const { return std::tie(value, left, right, own, children); }
  template <class Archive>
  void serialize(Archive& archive) {
    archive(CEREAL_NVP(value), CEREAL_NVP(left), CEREAL_NVP(right), CEREAL_NVP(own),
            CEREAL_NVP(children));
  }
};

struct Scalars {
  bool flag{false};
  char letter{'a'};
  std::int8_t small{0};
  std::uint64_t large{0};
  float single{0};
  double real{0};
  std::complex<float> complex{};
  std::string text{};
  Mode mode{Mode::idle};
  std::bitset<9> bits{};
  Level level{};
  Point point{};
  [[nodiscard]] auto fields() const {
    return std::tie(flag, letter, small, large, single, real, complex, text, mode, bits, level,
                    point);
  }
  template <class Archive>
  void serialize(Archive& archive) {
    archive(CEREAL_NVP(flag), CEREAL_NVP(letter), CEREAL_NVP(small), CEREAL_NVP(large),
            CEREAL_NVP(single), CEREAL_NVP(real), CEREAL_NVP(complex), CEREAL_NVP(text),
            CEREAL_NVP(mode), CEREAL_NVP(bits), CEREAL_NVP(level), CEREAL_NVP(point));
  }
};

struct Containers {
  std::array<double, 2> two{};
  std::pair<int, std::string> couple{};
  std::tuple<bool, Point> both{};
  std::vector<float> floats{};
  std::vector<bool> flags{};
  std::vector<std::complex<double>> waves{};
  std::list<std::vector<std::uint64_t>> lists{};
  std::set<std::string> names{};
  std::unordered_set<int> numbers{};
  std::map<std::string, Point> by_name{};
  std::map<double, int> by_real{};
  std::map<Mode, Level> by_mode{};
  std::map<std::pair<int, int>, int> by_pair{};
  std::unordered_map<std::string, std::vector<int>> hashed{};
  std::multimap<std::string, int> several{};
  std::optional<Point> maybe{};
  std::variant<std::monostate, int, std::string, std::vector<double>> choice{};
  [[nodiscard]] auto fields() const {
    return std::tie(two, couple, both, floats, flags, waves, lists, names, numbers, by_name,
                    by_real, by_mode, by_pair, hashed, several, maybe, choice);
  }
  template <class Archive>
  void serialize(Archive& archive) {
    archive(CEREAL_NVP(two), CEREAL_NVP(couple), CEREAL_NVP(both), CEREAL_NVP(floats),
            CEREAL_NVP(flags), CEREAL_NVP(waves), CEREAL_NVP(lists), CEREAL_NVP(names),
            CEREAL_NVP(numbers), CEREAL_NVP(by_name), CEREAL_NVP(by_real), CEREAL_NVP(by_mode),
            CEREAL_NVP(by_pair), CEREAL_NVP(hashed), CEREAL_NVP(several), CEREAL_NVP(maybe),
            CEREAL_NVP(choice));
  }
};

struct Everything {
  Scalars scalars{};
  Containers containers{};
  std::unique_ptr<Shape> shape{};
  std::vector<std::shared_ptr<Shape>> shapes{};
  std::shared_ptr<Animal> animal{};
  Node tree{};
  std::vector<Versioned> versions{};
  at::Tensor tensor{};
  cairn::checkpoint::Value any{};
  [[nodiscard]] auto fields() const {
    return std::tie(scalars, containers, shape, shapes, animal, tree, versions, tensor, any);
  }
  template <class Archive>
  void serialize(Archive& archive) {
    archive(CEREAL_NVP(scalars), CEREAL_NVP(containers), CEREAL_NVP(shape), CEREAL_NVP(shapes),
            CEREAL_NVP(animal), CEREAL_NVP(tree), CEREAL_NVP(versions), CEREAL_NVP(tensor),
            CEREAL_NVP(any));
  }
};

// In cereal's own archives shared pointers may go in a circle, which nothing would free: here are
// none to what holds them.
struct Chain {
  int value{0};
  std::unique_ptr<Chain> next{};
  std::vector<Chain> children{};
  [[nodiscard]] auto fields() const { return std::tie(value, next, children); }
  template <class Archive>
  void serialize(Archive& archive) {
    archive(value, next, children);
  }
};

// What only knows cereal's binary archives.
struct Blob {
  std::vector<float> weights{};
  std::vector<bool> flags{};
  std::map<std::string, std::uint16_t> names{};
  std::uint8_t raw[3]{};
  bool sorted{false};
  std::optional<std::string> note{};
  std::variant<int, std::string> choice{};
  std::vector<std::shared_ptr<Shape>> shapes{};
  std::vector<std::shared_ptr<int>> shared{};
  Chain chain{};
  [[nodiscard]] auto fields() const {
    return std::tie(weights, flags, names, raw, sorted, note, choice, shapes, shared, chain);
  }
  template <class Archive>
  void serialize(Archive& archive, std::uint32_t) {
    archive(weights, flags, names, cereal::binary_data(raw, sizeof(raw)), sorted, note, choice,
            shapes, shared, chain);
  }
};

}  // namespace fuzz_tree

CEREAL_CLASS_VERSION(fuzz_tree::Versioned, 2)
CEREAL_REGISTER_TYPE_WITH_NAME(fuzz_tree::Circle, "Circle")
CEREAL_REGISTER_TYPE_WITH_NAME(fuzz_tree::Turtle, "Turtle")
CEREAL_REGISTER_POLYMORPHIC_RELATION(fuzz_tree::Shape, fuzz_tree::Turtle)
CEREAL_REGISTER_POLYMORPHIC_RELATION(fuzz_tree::Animal, fuzz_tree::Turtle)
