// What C++'s own types are in the tree of a cereal archive. Included by checkpoint/cereal.hpp.
#pragma once

#include <concepts>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <utility>

#include <cereal/types/base_class.hpp>
#include <cereal/types/common.hpp>

#include "checkpoint/state.hpp"
#include "checkpoint/tensor.hpp"
#include "checkpoint/tree_archive.hpp"
#include "checkpoint/tree_traits.hpp"

namespace cairn::checkpoint {

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
  if constexpr (!tree::is_minimal<T, TreeOutputArchive>) {
    archive.open();
    using Class = typename tree::Unwrapped<T>::type;
    if constexpr (tree::is_versioned_input<Class, TreeInputArchive>) {
      archive.check_version(typeid(Class));
    }
  }
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
  if (archive.skips_missing()) return;
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
    // Sparse tensors and the like are opaque: the calls that make them.
    const auto kind = value.kind();
    if (!value.is_none() && kind != Kind::tensor && kind != Kind::opaque) {
      archive.fail(ErrorCode::type,
                   "must be a tensor, but is of kind " + std::string(to_string(kind)));
    }
  }
  object = archive.with_path([&value] { return value.as<T>(); });
}

}  // namespace cairn::checkpoint
