// How the archives of a tree tell types apart. Included by checkpoint/cereal.hpp.
#pragma once

#include <bitset>
#include <complex>
#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>

#include <cereal/types/base_class.hpp>
#include <cereal/types/common.hpp>

#include "checkpoint/state.hpp"
#include "checkpoint/tree_archive.hpp"

namespace cairn::checkpoint::tree {

template <class T>
inline constexpr bool is_pointer_like = false;
template <class T>
inline constexpr bool is_pointer_like<std::optional<T>> = true;
template <class T>
inline constexpr bool is_pointer_like<std::shared_ptr<T>> = true;
template <class T, class D>
inline constexpr bool is_pointer_like<std::unique_ptr<T, D>> = true;
template <class T>
inline constexpr bool is_pointer_like<std::weak_ptr<T>> = true;

/// Classes of the standard library that are one value of the tree.
template <class T>
inline constexpr bool is_value = false;
template <std::size_t N>
inline constexpr bool is_value<std::bitset<N>> = true;
template <class T>
inline constexpr bool is_value<std::complex<T>> = true;

template <class T>
inline constexpr bool is_wrapper = std::is_base_of_v<cereal::detail::NameValuePairCore, T>;
template <class T>
inline constexpr bool is_wrapper<cereal::SizeTag<T>> = true;

/// These have a value of their own kind in the tree.
template <class T>
concept Leaf = std::same_as<T, at::Tensor> || std::same_as<T, Value> || std::same_as<T, StateDict>;
template <class T>
concept Enclosing = !Leaf<T> && !is_pointer_like<T> && !is_wrapper<T> && !is_value<T> &&
                    !std::is_arithmetic_v<T> && !std::same_as<T, std::string>;

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
template <class T, class Archive>
inline constexpr bool is_versioned_input =
    cereal::traits::has_member_versioned_serialize<T, Archive>::value ||
    cereal::traits::has_non_member_versioned_serialize<T, Archive>::value ||
    cereal::traits::has_member_versioned_load<T, Archive>::value ||
    cereal::traits::has_non_member_versioned_load<T, Archive>::value;

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

}  // namespace cairn::checkpoint::tree
