// What C++'s own types are in the tree of a cereal archive. Included by checkpoint/cereal.hpp.
#pragma once

#include <concepts>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include <cereal/types/base_class.hpp>
#include <cereal/types/common.hpp>
#include <cereal/types/deque.hpp>
#include <cereal/types/list.hpp>
#include <cereal/types/set.hpp>
#include <cereal/types/unordered_set.hpp>
#include <cereal/types/variant.hpp>
#include <cereal/types/vector.hpp>

#include "checkpoint/state.hpp"
#include "checkpoint/tensor.hpp"
#include "checkpoint/tree_archive.hpp"

namespace cairn::checkpoint {

namespace tree {

template <class T>
inline constexpr bool is_pointer_like = false;
template <class T>
inline constexpr bool is_pointer_like<std::optional<T>> = true;
template <class T>
inline constexpr bool is_pointer_like<std::shared_ptr<T>> = true;
template <class T, class D>
inline constexpr bool is_pointer_like<std::unique_ptr<T, D>> = true;

template <class T>
inline constexpr bool is_wrapper = std::is_base_of_v<cereal::detail::NameValuePairCore, T>;
template <class T>
inline constexpr bool is_wrapper<cereal::SizeTag<T>> = true;

/// These have a value of their own kind in the tree.
template <class T>
concept Leaf = std::same_as<T, at::Tensor> || std::same_as<T, Value> || std::same_as<T, StateDict>;
template <class T>
concept Enclosing = !Leaf<T> && !is_pointer_like<T> && !is_wrapper<T> && !std::is_arithmetic_v<T> &&
                    !std::same_as<T, std::string>;

template <class T, class Archive>
inline constexpr bool is_minimal =
    cereal::traits::has_minimal_output_serialization<T, Archive>::value ||
    cereal::traits::has_minimal_base_class_serialization<
        T, cereal::traits::has_minimal_output_serialization, Archive>::value;

template <class T>
struct Unwrapped {
  using type = T;
};
template <class T>
struct Unwrapped<cereal::base_class<T>> {
  using type = T;
};
template <class T>
struct Unwrapped<cereal::virtual_base_class<T>> {
  using type = T;
};

template <class T, class Archive>
inline constexpr bool is_versioned =
    cereal::traits::has_member_versioned_serialize<T, Archive>::value ||
    cereal::traits::has_non_member_versioned_serialize<T, Archive>::value ||
    cereal::traits::has_member_versioned_save<T, Archive>::value ||
    cereal::traits::has_non_member_versioned_save<T, Archive>::value;

/// A map with keys that Python's dict has too is a dict, any other a list of pairs.
template <class K>
concept DictKey = std::is_arithmetic_v<K> || std::is_enum_v<K> || std::same_as<K, std::string>;

template <DictKey K>
Value key_value(const K& key) {
  if constexpr (std::is_enum_v<K>) {
    return key_value(static_cast<std::underlying_type_t<K>>(key));
  } else if constexpr (std::unsigned_integral<K> && !std::same_as<K, bool>) {
    return unsigned_value(key);
  } else if constexpr (std::same_as<K, std::string>) {
    return text_value(key);
  } else {
    return Value(key);
  }
}

}  // namespace tree

template <tree::Enclosing T>
void prologue(TreeOutputArchive& archive, const T&) {
  if constexpr (!tree::is_minimal<T, TreeOutputArchive>) {
    archive.open();
    using Class = typename tree::Unwrapped<T>::type;
    // cereal writes the version with the first object of a class only; then no item of a list could
    // be taken out.
    if constexpr (tree::is_versioned<Class, TreeOutputArchive>) {
      archive.set_field(class_version_field);
      archive.put(std::int64_t{cereal::detail::Version<Class>::version});
    }
  }
}
template <tree::Enclosing T>
void epilogue(TreeOutputArchive& archive, const T&) {
  if constexpr (!tree::is_minimal<T, TreeOutputArchive>) archive.close();
}
template <tree::Enclosing T>
void prologue(TreeInputArchive& archive, const T&) {
  if constexpr (!tree::is_minimal<T, TreeOutputArchive>) archive.open();
}
template <tree::Enclosing T>
void epilogue(TreeInputArchive& archive, const T&) {
  if constexpr (!tree::is_minimal<T, TreeOutputArchive>) archive.close();
}

// What cereal wraps.
template <class T>
void save(TreeOutputArchive& archive, const cereal::NameValuePair<T>& pair) {
  archive.set_field(pair.name);
  archive(pair.value);
}
template <class T>
void load(TreeInputArchive& archive, cereal::NameValuePair<T>& pair) {
  archive.set_field(pair.name);
  if constexpr (std::is_arithmetic_v<std::remove_reference_t<T>>) {
    // A class that got its version later: older files are version 0.
    if (pair.name == class_version_field && archive.next_is_absent()) {
      pair.value = 0;
      return archive.skip();
    }
  }
  archive(pair.value);
}
template <class T>
void save(TreeOutputArchive& archive, const cereal::SizeTag<T>&) {
  archive.set_shape(TreeOutputArchive::Shape::list);
}
template <class T>
void load(TreeInputArchive& archive, cereal::SizeTag<T>& tag) {
  tag.size = archive.sequence_size();
}

// Numbers and text.
template <class T>
  requires std::is_arithmetic_v<T>
void save(TreeOutputArchive& archive, const T& number) {
  archive.put(tree::key_value(number));
}
template <class T>
  requires std::is_arithmetic_v<T>
void load(TreeInputArchive& archive, T& number) {
  using Limits = std::numeric_limits<T>;
  if constexpr (std::same_as<T, bool>) {
    number = archive.take_bool();
  } else if constexpr (std::floating_point<T>) {
    number = static_cast<T>(archive.take_real());
  } else if constexpr (std::signed_integral<T>) {
    number = static_cast<T>(archive.take_signed(Limits::min(), Limits::max()));
  } else {
    number = static_cast<T>(archive.take_unsigned(Limits::max()));
  }
}
template <std::same_as<std::string> T>
void save(TreeOutputArchive& archive, const T& text) {
  archive.put(text_value(text));
}
template <std::same_as<std::string> T>
void load(TreeInputArchive& archive, T& text) {
  text = archive.take_text();
}

// Tensors, trees, states of modules: as themselves.
template <tree::Leaf T>
void save(TreeOutputArchive& archive, const T& object) {
  archive.put(Value(object));
}
template <tree::Leaf T>
void load(TreeInputArchive& archive, T& object) {
  const auto value = archive.take();
  if constexpr (std::same_as<T, at::Tensor>) {
    if (!value.is_none() && value.kind() != Kind::tensor) {
      archive.fail(ErrorCode::type,
                   "must be a tensor, but is of kind " + std::string(to_string(value.kind())));
    }
  }
  object = value.as<T>();
}

}  // namespace cairn::checkpoint
