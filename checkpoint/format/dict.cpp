// Dict: items in order, and an index by hash once there are more than a few.
#include <algorithm>
#include <unordered_map>

#include "checkpoint/format/key.hpp"
#include "checkpoint/format/nearest.hpp"
#include "checkpoint/format/value.hpp"

namespace cairn::checkpoint {
namespace {

constexpr std::size_t kIndexFrom = 8;      // below, comparing each key is faster
constexpr std::size_t kHintFrom = 10'000;  // more keys than this are not searched for a similar one

std::string missing(const Value& key, const std::vector<Dict::Item>& items) {
  std::string text = "no key " + show_key(key);
  if (key.kind() != Kind::string || items.size() > kHintFrom || key.as_string().size() > 200)
    return text;
  const std::string& wanted = key.as_string();
  std::size_t best = std::max<std::size_t>(wanted.size() / 3, 2) + 1;
  const std::string* nearest = nullptr;
  for (const auto& [candidate, value] : items) {
    if (candidate.kind() != Kind::string) continue;
    const std::size_t distance = edit_distance(wanted, candidate.as_string(), best);
    if (distance >= best) continue;
    best = distance;
    nearest = &candidate.as_string();
  }
  if (nearest != nullptr) text += "; did you mean '" + *nearest + "'?";
  return text;
}

}  // namespace

struct Dict::State {
  bool ordered{false};
  std::vector<Item> items{};
  std::unordered_multimap<std::size_t, std::size_t>
      index{};  // hash of the key -> position; empty up to kIndexFrom items
  Value attributes{};

  [[nodiscard]] std::size_t position(const Value& key, std::size_t hash) const {
    if (index.empty()) {
      const auto same = [&key](const Item& item) { return same_key(item.first, key); };
      return static_cast<std::size_t>(std::find_if(items.begin(), items.end(), same) -
                                      items.begin());
    }
    const auto [first, last] = index.equal_range(hash);
    for (auto it = first; it != last; ++it) {
      if (same_key(items[it->second].first, key)) return it->second;
    }
    return items.size();
  }

  void reindex() {
    index.clear();
    if (items.size() <= kIndexFrom) return;
    index.reserve(items.size());
    for (std::size_t i = 0; i < items.size(); ++i) index.emplace(hash_key(items[i].first), i);
  }

  void append(const Value& key, std::size_t hash) {
    items.emplace_back(key, Value());
    if (!index.empty()) {
      index.emplace(hash, items.size() - 1);
    } else if (items.size() > kIndexFrom) {
      reindex();
    }
  }
};

Dict::Dict() : state_(std::make_shared<State>()) {}

Dict::Dict(std::initializer_list<Item> items) : Dict() {
  for (const auto& [key, value] : items) (*this)[key] = value;
}

Dict Dict::ordered() {
  Dict dict;
  dict.state_->ordered = true;
  return dict;
}

bool Dict::is_ordered() const noexcept {
  return state_->ordered;
}
std::size_t Dict::size() const noexcept {
  return state_->items.size();
}
const std::vector<Dict::Item>& Dict::items() const noexcept {
  return state_->items;
}
bool Dict::contains(const Value& key) const {
  return find(key) != nullptr;
}

const Value* Dict::find(const Value& key) const {
  const std::size_t position = state_->position(key, hash_key(key));
  return position == size() ? nullptr : &state_->items[position].second;
}

Value* Dict::find(const Value& key) {
  const std::size_t position = state_->position(key, hash_key(key));
  return position == size() ? nullptr : &state_->items[position].second;
}

Value& Dict::operator[](const Value& key) {
  const std::size_t hash = hash_key(key);
  const std::size_t position = state_->position(key, hash);
  if (position == size()) state_->append(key, hash);
  return state_->items[position].second;
}

const Value& Dict::at(const Value& key) const {
  if (const Value* found = find(key)) return *found;
  throw Error(ErrorCode::key, missing(key, items()));
}

bool Dict::erase(const Value& key) {
  const std::size_t position = state_->position(key, hash_key(key));
  if (position == size()) return false;
  state_->items.erase(state_->items.begin() + static_cast<std::ptrdiff_t>(position));
  state_->reindex();
  return true;
}

void Dict::clear() {
  state_->items.clear();
  state_->index.clear();
}

const Value& Dict::attributes() const {
  return state_->attributes;
}
void Dict::set_attributes(Value attributes) {
  state_->attributes = std::move(attributes);
}

}  // namespace cairn::checkpoint
