// Your own objects in a checkpoint: checkpoint["something_cool"] = my_object; and
// checkpoint.at("something_cool").as<MyCool>(). All that a type needs is cereal's serialize():
// Python sees a dict of its fields.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <c10/util/Type.h>

#include "checkpoint/format/value.hpp"
#include "checkpoint/tree_archive.hpp"
#include "checkpoint/tree_containers.hpp"
#include "checkpoint/tree_maps.hpp"
#include "checkpoint/tree_pointers.hpp"
#include "checkpoint/tree_types.hpp"

namespace cairn::checkpoint {
namespace tree {

// value_traits.hpp has these, from the traits of what they hold.
template <class T>
inline constexpr bool has_traits_of_items = false;
template <class T>
inline constexpr bool has_traits_of_items<std::vector<T>> = true;
template <class T>
inline constexpr bool has_traits_of_items<std::optional<T>> = true;
template <class T>
inline constexpr bool has_traits_of_items<std::map<std::string, T>> = true;

}  // namespace tree

template <class T>
concept TreeSerializable = (std::is_class_v<T> ||
                            std::is_enum_v<T>)&&!tree::has_traits_of_items<T> &&
                           cereal::traits::is_output_serializable<T, TreeOutputArchive>::value
                           && cereal::traits::is_input_serializable<T, TreeInputArchive>::value;

/// The tree of an object. Tensors share their memory with it. Throws Error(unsupported) for what a
/// tree can't hold: a class behind a pointer to its base that is not registered
/// (CEREAL_REGISTER_TYPE, after this header), pointers in a circle.
template <class T>
[[nodiscard]] Value to_tree(const T& object) {
  TreeOutputArchive archive;
  try {
    archive(cereal::make_nvp("object", object));
  } catch (const cereal::Exception& error) {
    throw Error(ErrorCode::unsupported, std::string("cereal tree: ") + error.what());
  }
  return archive.tree().at("object");
}

/// Fills `object`. Fields that are missing are Error(key), of another kind Error(type); `name`
/// begins the path in the message. Returns the fields that only one side has.
template <class T>
TreeReport from_tree(const Value& tree, T& object, std::string_view name,
                     const TreeOptions& options = {}) {
  TreeInputArchive archive{tree, options};
  archive.select(tree, std::string(name));
  try {
    archive(object);
  } catch (const cereal::Exception& error) {
    archive.fail(ErrorCode::type, std::string("does not fit: ") + error.what());
  }
  return archive.report();
}

template <TreeSerializable T>
struct ValueTraits<T> {
  static Value to_value(const T& object) { return to_tree(object); }
  static T from_value(const Value& value) {
    T object{};
    from_tree(value, object, c10::demangle_type<T>());
    return object;
  }
};

}  // namespace cairn::checkpoint
