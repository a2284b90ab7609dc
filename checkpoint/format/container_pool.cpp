#include "checkpoint/format/container_pool.hpp"

#include <algorithm>
#include <string>

namespace cairn::checkpoint::format {
namespace {

constexpr std::uint32_t kOpen = 0;  // height of a container whose items are being visited

const void* identity(const Value& value) {
  switch (value.kind()) {
    case Kind::list:
      return value.as_list().identity();
    case Kind::tuple:
      return value.as_tuple().identity();
    case Kind::dict:
      return value.as_dict().identity();
    default:
      return nullptr;
  }
}

std::vector<const Value*> containers_in(const Value& value) {
  std::vector<const Value*> found;
  const auto take = [&found](const Value& item) {
    if (identity(item) != nullptr) found.push_back(&item);
  };
  if (value.kind() == Kind::dict) {
    for (const auto& [key, item] : value.as_dict().items()) {
      take(key);
      take(item);
    }
    take(value.as_dict().attributes());
  } else {
    for (const Value& item : value.as_sequence()) take(item);
  }
  return found;
}

struct Visit {
  const void* container{nullptr};
  std::vector<const Value*> rest{};
  std::uint32_t height{1};
};

}  // namespace

void ContainerPool::accept(const Value& root, std::uint32_t max_depth) {
  std::unordered_map<const void*, std::uint32_t> heights;
  std::vector<Visit> path;
  const auto enter = [&](const Value& value) {
    if (path.size() == max_depth)
      throw Error(ErrorCode::limit, "nested deeper than " + std::to_string(max_depth));
    heights[identity(value)] = kOpen;
    path.push_back({.container = identity(value), .rest = containers_in(value)});
  };
  if (identity(root) != nullptr) enter(root);
  while (!path.empty()) {
    Visit& visit = path.back();
    if (visit.rest.empty()) {
      const std::uint32_t height = visit.height;
      heights[visit.container] = height;
      path.pop_back();
      if (!path.empty()) path.back().height = std::max(path.back().height, height + 1);
      continue;
    }
    const Value& next = *visit.rest.back();
    visit.rest.pop_back();
    const auto known = heights.find(identity(next));
    if (known == heights.end()) {
      enter(next);
    } else if (known->second == kOpen) {
      throw Error(ErrorCode::unsupported, "a container that holds itself");
    } else {
      visit.height = std::max(visit.height, known->second + 1);
      if (path.size() + known->second > max_depth) {
        throw Error(ErrorCode::limit, "nested deeper than " + std::to_string(max_depth));
      }
    }
  }
  accepted_ = std::move(heights);
}

// Lists and dicts let go of their items while the pool still holds those; then tuples go newest
// first, each before its items.
ContainerPool::~ContainerPool() {
  for (Value& container : made_) {
    if (accepted_.contains(identity(container))) continue;
    if (container.kind() == Kind::list) container.as_list().items().clear();
    if (container.kind() == Kind::dict) {
      container.as_dict().clear();
      container.as_dict().set_attributes(Value());
    }
  }
  while (!made_.empty()) made_.pop_back();
}

}  // namespace cairn::checkpoint::format
