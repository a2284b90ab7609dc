#include <algorithm>

#include "checkpoint/format/key.hpp"
#include "checkpoint/format/keyed_items.hpp"
#include "checkpoint/format/nearest.hpp"
#include "checkpoint/format/value.hpp"

namespace cairn::checkpoint {
namespace {

constexpr std::size_t kHintFrom = 10'000;  // more keys than this are not searched for a similar one

std::string missing(const Value& key, const std::vector<Dict::Item>& items) {
  std::string text = "no key " + show_key(key);
  if (key.kind() != Kind::string || items.size() > kHintFrom || key.as_string().size() > 200)
    return text;
  const std::string& wanted = key.as_string();
  std::size_t best = std::max<std::size_t>(wanted.size() / 3, 2) + 1;
  const Value* nearest = nullptr;
  for (const auto& [candidate, value] : items) {
    if (candidate.kind() != Kind::string) continue;
    const std::size_t distance = edit_distance(wanted, candidate.as_string(), best);
    if (distance >= best) continue;
    best = distance;
    nearest = &candidate;
  }
  if (nearest != nullptr) text += "; did you mean " + show_key(*nearest) + "?";
  return text;
}

struct KeyOfItem {
  const Value& operator()(const Dict::Item& item) const { return item.first; }
};

}  // namespace

struct Dict::State {
  Type type{Type::plain};
  KeyedItems<Item, KeyOfItem> items{};
  Value attributes{};
};

Dict::Dict() : state_(std::make_shared<State>()) {}

Dict::Dict(std::initializer_list<Item> items) : Dict() {
  for (const auto& [key, value] : items) (*this)[key] = value;
}

Dict::Dict(Type type) : Dict() {
  state_->type = type;
}

Dict Dict::ordered() {
  return Dict(Type::ordered);
}

Dict::Type Dict::type() const noexcept {
  return state_->type;
}
std::size_t Dict::size() const noexcept {
  return state_->items.size();
}
const std::vector<Dict::Item>& Dict::items() const noexcept {
  return state_->items.items();
}
bool Dict::contains(const Value& key) const {
  return find(key) != nullptr;
}

const Value* Dict::find(const Value& key) const {
  const std::size_t position = state_->items.find(key);
  return position == size() ? nullptr : &state_->items[position].second;
}

Value* Dict::find(const Value& key) {
  const std::size_t position = state_->items.find(key);
  return position == size() ? nullptr : &state_->items[position].second;
}

Value& Dict::operator[](const Value& key) {
  const auto make = [&key] { return Item(key, Value()); };
  return state_->items[state_->items.insert(key, make).first].second;
}

const Value& Dict::at(const Value& key) const {
  if (const Value* found = find(key)) return *found;
  throw Error(ErrorCode::key, missing(key, items()));
}

bool Dict::erase(const Value& key) {
  const std::size_t position = state_->items.find(key);
  if (position == size()) return false;
  state_->items.erase(position);
  return true;
}

void Dict::clear() {
  state_->items.clear();
}

const Value& Dict::attributes() const {
  return state_->attributes;
}
void Dict::set_attributes(Value attributes) {
  state_->attributes = std::move(attributes);
}

}  // namespace cairn::checkpoint
