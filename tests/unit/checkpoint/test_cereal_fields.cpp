// Classes that change: fields that only one side has, versions.
#include <map>
#include <string>
#include <vector>

#include <ATen/ATen.h>

#include "checkpoint/cereal.hpp"
#include "tests/support/catch.hpp"

using namespace cairn::checkpoint;
using Catch::Matchers::Contains;

namespace {

struct Inner {
  int step{7};
  double decay{0.5};
  template <class Archive>
  void serialize(Archive& archive) {
    archive(CEREAL_NVP(step), CEREAL_NVP(decay));
  }
};

struct Outer {
  std::vector<Inner> items{};
  std::map<std::string, int> counts{};
  template <class Archive>
  void serialize(Archive& archive) {
    archive(CEREAL_NVP(items), CEREAL_NVP(counts));
  }
};

// Before version 2 it had no limit.
struct Grown {
  int value{0};
  int limit{-1};
  template <class Archive>
  void serialize(Archive& archive, std::uint32_t version) {
    archive(CEREAL_NVP(value));
    if (version >= 2) archive(CEREAL_NVP(limit));
  }
};

Value newer_tree() {
  return Dict{{"items", List{Dict{{"step", 1}, {"decay", 2}, {"old", 3}}}},
              {"counts", Dict{{"a", 1}, {"b", 2}}},
              {"new", List()},
              {"__type__", "Outer"}};
}

}  // namespace

CEREAL_CLASS_VERSION(Grown, 2)

TEST_CASE("fields that the class does not have are reported with their paths", "[cereal]") {
  Outer object;

  const auto report = from_tree(newer_tree(), object, "my_state");

  CHECK((report.extra == std::vector<std::string>{"my_state.items[0].old", "my_state.new"}));
  CHECK(report.missing.empty());
  CHECK_FALSE(report.ok());
  CHECK(report.to_string() == "extra: my_state.items[0].old\nextra: my_state.new\n");
  CHECK(object.items.at(0).step == 1);
  CHECK(object.counts.size() == 2);
}

TEST_CASE("fields that the class does not have are refused on demand", "[cereal]") {
  Value both = Dict{{"step", 1}, {"x", 1}, {"decay", 1}, {"y", 1}};
  Inner object;

  CHECK_THROWS_WITH(from_tree(both, object, "inner", {.refuse_extra = true}),
                    Contains("\"inner.x\", \"inner.y\": no such field"));
  CHECK_NOTHROW(from_tree(to_tree(object), object, "inner", {.refuse_extra = true}));
}

TEST_CASE("missing fields keep their values on demand, and are reported", "[cereal]") {
  Inner object;

  const auto report = from_tree(Dict{{"decay", 2}}, object, "inner", {.keep_missing = true});

  CHECK(report.missing == std::vector<std::string>{"inner.step"});
  CHECK(report.to_string() == "missing: inner.step\n");
  CHECK(object.step == 7);
  CHECK(object.decay == 2);
}

TEST_CASE("a tree and a class that agree have nothing to report", "[cereal]") {
  Grown object;

  CHECK(from_tree(to_tree(Grown()), object, "it").ok());
}

TEST_CASE("an older version has the fields that it had", "[cereal]") {
  Grown object;

  const auto report = from_tree(Dict{{"value", 5}, {"cereal_class_version", 1}}, object, "it");

  CHECK(report.ok());
  CHECK(object.value == 5);
  CHECK(object.limit == -1);
}

TEST_CASE("objects of one class in two versions are refused, not misread", "[cereal]") {
  const Value tree = List{Dict{{"value", 5}, {"cereal_class_version", 1}}, to_tree(Grown())};
  std::vector<Grown> objects;

  CHECK_THROWS_WITH(from_tree(tree, objects, "it"), Contains("\"it[1]\" has version 2"));
}
