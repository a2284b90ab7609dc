#include "checkpoint/format/container_pool.hpp"

#include <algorithm>
#include <string>

namespace cairn::checkpoint::format {
namespace {

constexpr std::uint32_t kOpen = 0;  // height of a container whose items are being visited

bool is_container(const Value& value) {
  switch (value.kind()) {
    case Kind::list:
    case Kind::tuple:
    case Kind::dict:
    case Kind::set:
    case Kind::opaque:
      return true;
    default:
      return false;
  }
}

// A place in a container. Keys can't be changed in place: their dict finds them by their hash.
struct Slot {
  const Value* value{nullptr};
  bool key{false};
};

class Slots {
 public:
  explicit Slots(const Value& container) {
    switch (container.kind()) {
      case Kind::dict:
        entries(container.as_dict().items());
        take(container.as_dict().attributes());
        break;
      case Kind::set:
        for (const Value& item : container.as_set().items()) take(item, true);
        break;
      case Kind::opaque:
        opaque(container.as_opaque());
        break;
      default:
        for (const Value& item : container.as_sequence()) take(item);
    }
  }
  [[nodiscard]] std::vector<Slot> found() && { return std::move(found_); }

 private:
  void take(const Value& item, bool key = false) {
    if (is_container(item)) found_.push_back({.value = &item, .key = key});
  }
  void entries(const std::vector<Dict::Item>& items) {
    for (const auto& [key, item] : items) {
      take(key, true);
      take(item);
    }
  }
  void opaque(const Opaque& object) {
    take(object.callee());
    for (const Value& item : object.arguments().items()) take(item);
    for (const Value& item : object.items()) take(item);
    entries(object.entries());
    take(object.state());
  }

  std::vector<Slot> found_;
};

struct Visit {
  const void* container{nullptr};
  std::vector<Slot> rest{};
  bool opaque{false};
  std::uint32_t height{1};
};

class Walk {
 public:
  explicit Walk(std::uint32_t max_depth) : max_depth_(max_depth) {}

  std::unordered_map<const void*, std::uint32_t> from(const Value& root) && {
    if (is_container(root)) enter(root);
    while (!path_.empty()) {
      if (path_.back().rest.empty()) {
        leave();
      } else {
        const Slot next = path_.back().rest.back();
        path_.back().rest.pop_back();
        visit(next);
      }
    }
    return std::move(heights_);
  }

 private:
  void enter(const Value& value) {
    if (path_.size() == max_depth_) too_deep();
    heights_[value.identity()] = kOpen;
    path_.push_back({.container = value.identity(),
                     .rest = Slots(value).found(),
                     .opaque = value.kind() == Kind::opaque});
  }

  void leave() {
    const std::uint32_t height = path_.back().height;
    heights_[path_.back().container] = height;
    path_.pop_back();
    if (!path_.empty()) path_.back().height = std::max(path_.back().height, height + 1);
  }

  void visit(const Slot& slot) {
    const auto known = heights_.find(slot.value->identity());
    if (known == heights_.end()) return enter(*slot.value);
    if (known->second == kOpen) return close_circle(slot);
    path_.back().height = std::max(path_.back().height, known->second + 1);
    if (path_.size() + known->second > max_depth_) too_deep();
  }

  // The decoder made all of this and nobody else has seen it yet: it may be changed, tuples too.
  void close_circle(const Slot& slot) {
    const auto begin = std::find_if(path_.begin(), path_.end(), [&slot](const Visit& visit) {
      return visit.container == slot.value->identity();
    });
    const bool has_opaque =
        std::any_of(begin, path_.end(), [](const Visit& visit) { return visit.opaque; });
    if (!has_opaque || slot.key)
      throw Error(ErrorCode::unsupported, "a container that holds itself");
    const_cast<Value&>(*slot.value) = Value(Opaque::cut());
  }

  [[noreturn]] void too_deep() const {
    throw Error(ErrorCode::limit, "nested deeper than " + std::to_string(max_depth_));
  }

  std::uint32_t max_depth_;
  std::unordered_map<const void*, std::uint32_t> heights_;
  std::vector<Visit> path_;
};

}  // namespace

void ContainerPool::accept(const Value& root, std::uint32_t max_depth) {
  accepted_ = Walk(max_depth).from(root);
}

// Lists, dicts and objects let go of their items while the pool still holds those; then tuples go
// newest first, each before its items.
ContainerPool::~ContainerPool() {
  for (Value& container : made_) {
    if (accepted_.contains(container.identity())) continue;
    if (container.kind() == Kind::list) container.as_list().items().clear();
    if (container.kind() == Kind::set) container.as_set().clear();
    if (container.kind() == Kind::dict) {
      container.as_dict().clear();
      container.as_dict().set_attributes(Value());
    }
    if (container.kind() == Kind::opaque) {
      container.as_opaque().items().clear();
      container.as_opaque().entries().clear();
      container.as_opaque().state() = Value();
    }
  }
  while (!made_.empty()) made_.pop_back();
}

}  // namespace cairn::checkpoint::format
