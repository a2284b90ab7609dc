// The standard containers that cereal would write in a form that Python can't use as it is.
// Included by checkpoint/cereal.hpp.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <unordered_map>
#include <utility>

#include "checkpoint/tree_types.hpp"

namespace cairn::checkpoint {
namespace tree {

template <class Map>
void save_map(TreeOutputArchive& archive, const Map& map) {
  if constexpr (DictKey<typename Map::key_type>) {
    archive.set_shape(TreeOutputArchive::Shape::map);
    for (const auto& [key, item] : map) {
      archive.set_key(key_value(key));
      archive(item);
    }
  } else {
    archive.set_shape(TreeOutputArchive::Shape::list);
    for (const auto& item : map) archive(item);
  }
}

template <class Map>
void load_map(TreeInputArchive& archive, Map& map) {
  using Key = typename Map::key_type;
  map.clear();
  if constexpr (DictKey<Key>) {
    const Dict dict = archive.opened_dict();
    for (const auto& [stored_key, stored_item] : dict.items()) {
      Key key{};
      typename Map::mapped_type item{};
      const std::string label = stored_key.kind() == Kind::string ? stored_key.as_string() : "key";
      archive.select(stored_key, label);
      archive(key);
      archive.select(stored_item, label);
      archive(item);
      map.emplace(std::move(key), std::move(item));
    }
  } else {
    for (auto left = archive.sequence_size(); left > 0; --left) {
      std::pair<Key, typename Map::mapped_type> item;
      archive(item);
      map.insert(std::move(item));
    }
  }
}

/// By value, None for a null; an object that more than one pointer shares is stored more than once.
template <class Pointer>
void save_pointee(TreeOutputArchive& archive, const Pointer& pointer) {
  if (!pointer) return archive.put(nullptr);
  using T = std::remove_cvref_t<decltype(*pointer)>;
  if constexpr (std::is_polymorphic_v<T>) {
    const auto& object = *pointer;
    if (typeid(object) != typeid(T)) {
      throw Error(ErrorCode::unsupported, "cereal tree: a pointer to a base class can't be stored");
    }
  }
  archive(*pointer);
}

}  // namespace tree

template <class K, class V, class C, class A>
void save(TreeOutputArchive& archive, const std::map<K, V, C, A>& map) {
  tree::save_map(archive, map);
}
template <class K, class V, class C, class A>
void load(TreeInputArchive& archive, std::map<K, V, C, A>& map) {
  tree::load_map(archive, map);
}
template <class K, class V, class H, class E, class A>
void save(TreeOutputArchive& archive, const std::unordered_map<K, V, H, E, A>& map) {
  tree::save_map(archive, map);
}
template <class K, class V, class H, class E, class A>
void load(TreeInputArchive& archive, std::unordered_map<K, V, H, E, A>& map) {
  tree::load_map(archive, map);
}

template <class T, std::size_t N>
void save(TreeOutputArchive& archive, const std::array<T, N>& items) {
  archive.set_shape(TreeOutputArchive::Shape::list);
  for (const auto& item : items) archive(item);
}
template <class T, std::size_t N>
void load(TreeInputArchive& archive, std::array<T, N>& items) {
  if (archive.sequence_size() != N)
    archive.fail(ErrorCode::type, "must have " + std::to_string(N) + " items");
  for (auto& item : items) archive(item);
}

template <class A, class B>
void save(TreeOutputArchive& archive, const std::pair<A, B>& pair) {
  archive.set_shape(TreeOutputArchive::Shape::tuple);
  archive(pair.first, pair.second);
}
template <class A, class B>
void load(TreeInputArchive& archive, std::pair<A, B>& pair) {
  if (archive.sequence_size() != 2) archive.fail(ErrorCode::type, "must have 2 items");
  archive(pair.first, pair.second);
}
template <class... Items>
void save(TreeOutputArchive& archive, const std::tuple<Items...>& items) {
  archive.set_shape(TreeOutputArchive::Shape::tuple);
  std::apply([&archive](const auto&... item) { (archive(item), ...); }, items);
}
template <class... Items>
void load(TreeInputArchive& archive, std::tuple<Items...>& items) {
  if (archive.sequence_size() != sizeof...(Items)) {
    archive.fail(ErrorCode::type, "must have " + std::to_string(sizeof...(Items)) + " items");
  }
  std::apply([&archive](auto&... item) { (archive(item), ...); }, items);
}

// None where there is none; a field that is missing in the file is none too, so that new fields can
// be added as std::optional.
template <class T>
void save(TreeOutputArchive& archive, const std::optional<T>& item) {
  if (!item) return archive.put(nullptr);
  archive(*item);
}
template <class T>
void load(TreeInputArchive& archive, std::optional<T>& item) {
  item.reset();
  if (archive.next_is_absent()) return archive.skip();
  archive(item.emplace());
}
template <class T>
void save(TreeOutputArchive& archive, const std::shared_ptr<T>& pointer) {
  tree::save_pointee(archive, pointer);
}
template <class T>
void load(TreeInputArchive& archive, std::shared_ptr<T>& pointer) {
  pointer.reset();
  if (archive.next_is_absent()) return archive.skip();
  auto object = std::make_shared<std::remove_const_t<T>>();
  archive(*object);
  pointer = std::move(object);
}
template <class T, class D>
void save(TreeOutputArchive& archive, const std::unique_ptr<T, D>& pointer) {
  tree::save_pointee(archive, pointer);
}
template <class T, class D>
void load(TreeInputArchive& archive, std::unique_ptr<T, D>& pointer) {
  pointer.reset();
  if (archive.next_is_absent()) return archive.skip();
  pointer.reset(new T());
  archive(*pointer);
}

}  // namespace cairn::checkpoint

// cereal has a serialize() for these; ours is taken.
namespace cereal {
template <class A, class B>
struct specialize<cairn::checkpoint::TreeOutputArchive, std::pair<A, B>,
                  specialization::non_member_load_save> {};
template <class A, class B>
struct specialize<cairn::checkpoint::TreeInputArchive, std::pair<A, B>,
                  specialization::non_member_load_save> {};
template <class... Items>
struct specialize<cairn::checkpoint::TreeOutputArchive, std::tuple<Items...>,
                  specialization::non_member_load_save> {};
template <class... Items>
struct specialize<cairn::checkpoint::TreeInputArchive, std::tuple<Items...>,
                  specialization::non_member_load_save> {};
}  // namespace cereal
