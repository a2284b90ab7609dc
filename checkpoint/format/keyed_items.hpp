// Items in order of insertion, found by their keys: what Dict and Set stand on.
#pragma once

#include <algorithm>
#include <cstddef>
#include <random>
#include <unordered_map>
#include <utility>
#include <vector>

#include "checkpoint/format/key.hpp"

namespace cairn::checkpoint {

/// `key_of(item)` is an item's key. There is an index by hash once there are more than a few. Files
/// choose the keys: hashes are mixed with a number of this process, and more than a few keys of one
/// hash, which none but an attacker has, are Error(limit).
template <class Item, class KeyOf>
class KeyedItems {
 public:
  [[nodiscard]] std::size_t size() const noexcept { return items_.size(); }
  [[nodiscard]] const std::vector<Item>& items() const noexcept { return items_; }
  [[nodiscard]] Item& operator[](std::size_t position) { return items_[position]; }

  /// size() if it is not there.
  [[nodiscard]] std::size_t find(const Value& key) const { return find(key, hash(key)); }

  /// The position, and whether `make()` was added there.
  template <class Make>
  std::pair<std::size_t, bool> insert(const Value& key, const Make& make) {
    const std::size_t hashed = hash(key);
    const std::size_t position = find(key, hashed);
    if (position != items_.size()) return {position, false};
    items_.push_back(make());
    if (!index_.empty()) {
      index_.emplace(hashed, items_.size() - 1);
    } else if (items_.size() > kIndexFrom) {
      reindex();
    }
    return {position, true};
  }

  void erase(std::size_t position) {
    items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(position));
    reindex();
  }

  void clear() {
    items_.clear();
    index_.clear();
  }

 private:
  static constexpr std::size_t kIndexFrom = 8;  // below, comparing each key is faster
  static constexpr int kMaxEqual = 64;

  static std::size_t hash(const Value& key) {
    static const std::size_t salt = std::random_device()();
    std::size_t mixed = hash_key(key) + salt;  // splitmix64
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebULL;
    return mixed ^ (mixed >> 31U);
  }

  [[nodiscard]] std::size_t find(const Value& key, std::size_t hashed) const {
    if (index_.empty()) {
      const auto same = [&key](const Item& item) { return same_key(KeyOf{}(item), key); };
      return static_cast<std::size_t>(std::find_if(items_.begin(), items_.end(), same) -
                                      items_.begin());
    }
    const auto [first, last] = index_.equal_range(hashed);
    int compared = 0;
    for (auto it = first; it != last; ++it) {
      if (same_key(KeyOf{}(items_[it->second]), key)) return it->second;
      if (++compared == kMaxEqual) throw Error(ErrorCode::limit, "too many keys of one hash");
    }
    return items_.size();
  }

  void reindex() {
    index_.clear();
    if (items_.size() <= kIndexFrom) return;
    index_.reserve(items_.size());
    for (std::size_t i = 0; i < items_.size(); ++i) index_.emplace(hash(KeyOf{}(items_[i])), i);
  }

  std::vector<Item> items_;
  std::unordered_multimap<std::size_t, std::size_t> index_;  // empty up to kIndexFrom items
};

}  // namespace cairn::checkpoint
