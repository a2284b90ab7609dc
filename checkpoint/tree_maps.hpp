// Maps in the tree of a cereal archive: dicts where Python's dict has such keys, lists of pairs
// otherwise. Included by checkpoint/cereal.hpp.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <utility>

#include "checkpoint/tree_containers.hpp"
#include "checkpoint/tree_types.hpp"

namespace cairn::checkpoint {
namespace tree {

/// Of pairs: a dict can't hold a key twice.
template <class Map>
void save_multimap(TreeOutputArchive& archive, const Map& map) {
  archive.set_shape(TreeOutputArchive::Shape::list);
  for (const auto& item : map) archive(item);
}

template <class Map>
void load_multimap(TreeInputArchive& archive, Map& map) {
  map.clear();
  for (auto left = archive.sequence_size(); left > 0; --left) {
    std::pair<typename Map::key_type, typename Map::mapped_type> item;
    archive(item);
    map.insert(std::move(item));
  }
}

template <class Map>
void save_map(TreeOutputArchive& archive, const Map& map) {
  if constexpr (DictKey<typename Map::key_type>) {
    archive.set_shape(TreeOutputArchive::Shape::map);
    for (const auto& [key, item] : map) {
      archive.set_key(key_value(key));
      archive(item);
    }
  } else {
    save_multimap(archive, map);
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
      if (map.emplace(std::move(key), std::move(item)).second) continue;
      archive.select(stored_key, label);
      archive.fail(ErrorCode::type, "is the same key as another one there");
    }
  } else {
    load_multimap(archive, map);
  }
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

template <class K, class V, class C, class A>
void save(TreeOutputArchive& archive, const std::multimap<K, V, C, A>& map) {
  tree::save_multimap(archive, map);
}
template <class K, class V, class C, class A>
void load(TreeInputArchive& archive, std::multimap<K, V, C, A>& map) {
  tree::load_multimap(archive, map);
}
template <class K, class V, class H, class E, class A>
void save(TreeOutputArchive& archive, const std::unordered_multimap<K, V, H, E, A>& map) {
  tree::save_multimap(archive, map);
}
template <class K, class V, class H, class E, class A>
void load(TreeInputArchive& archive, std::unordered_multimap<K, V, H, E, A>& map) {
  tree::load_multimap(archive, map);
}

}  // namespace cairn::checkpoint
