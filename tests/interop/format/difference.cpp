#include "tests/interop/format/difference.hpp"

#include <cstddef>
#include <map>

namespace interop {
namespace {

using namespace cairn::checkpoint;

class Pairs {
 public:
  // Whether the two stand for each other wherever either stands.
  bool match(const void* left, const void* right) {
    const bool forth = forth_.try_emplace(left, right).first->second == right;
    const bool back = back_.try_emplace(right, left).first->second == left;
    return forth && back;
  }
  [[nodiscard]] bool knows(const void* left) const { return forth_.contains(left); }

 private:
  std::map<const void*, const void*> forth_;
  std::map<const void*, const void*> back_;
};

std::size_t size(const Value& value) {
  switch (value.kind()) {
    case Kind::dict:
      return value.as_dict().size();
    case Kind::set:
      return value.as_set().size();
    default:
      return value.as_sequence().size();
  }
}

class Walk {
 public:
  std::string at(const Value& left, const Value& right, const std::string& path) {
    if (left.kind() != right.kind()) {
      return path + ": " + std::string(to_string(left.kind())) + " and " +
             std::string(to_string(right.kind()));
    }
    switch (left.kind()) {
      case Kind::tensor:
        return equal(left, right) ? tensor(left.as_tensor(), right.as_tensor(), path)
                                  : path + ": tensors that differ";
      case Kind::list:
      case Kind::tuple:
      case Kind::dict:
      case Kind::set:
        return container(left, right, path);
      default:
        if (equal(left, right)) return {};
        return path + ": a " + std::string(to_string(left.kind())) + " that differs";
    }
  }

 private:
  std::string container(const Value& left, const Value& right, const std::string& path) {
    if (size(left) != size(right)) return path + ": not as many items";
    // CPython has one empty tuple.
    if (left.kind() == Kind::tuple && size(left) == 0) return {};
    const bool known = objects_.knows(left.identity());
    if (!objects_.match(left.identity(), right.identity())) return path + ": shared otherwise";
    if (known) return {};
    std::string found;
    if (left.kind() == Kind::dict) found = dict(left.as_dict(), right.as_dict(), path);
    const bool ordered = left.kind() == Kind::list || left.kind() == Kind::tuple;
    for (std::size_t i = 0; ordered && found.empty() && i < size(left); ++i)
      found = at(left.at(i), right.at(i), path + "[" + std::to_string(i) + "]");
    // What has no place of its own: the items of a set, the type of a tuple or dict.
    if (found.empty() && !equal(left, right)) found = path + ": differs";
    return found;
  }

  // By position: equal dicts have their keys in one order.
  std::string dict(const Dict& left, const Dict& right, const std::string& path) {
    std::string found;
    for (std::size_t i = 0; found.empty() && i < left.size(); ++i) {
      const std::string here = path + "{" + std::to_string(i) + "}";
      found = at(left.items()[i].first, right.items()[i].first, here + " key");
      if (found.empty()) found = at(left.items()[i].second, right.items()[i].second, here);
    }
    return found.empty() ? attributes(left.attributes(), right.attributes(), path) : found;
  }

  // Python copies them into the dict that it made.
  std::string attributes(const Value& left, const Value& right, const std::string& path) {
    if (left.kind() != right.kind()) return path + ": attributes that only one has";
    if (left.is_none()) return {};
    if (size(left) != size(right)) return path + ": not as many attributes";
    return dict(left.as_dict(), right.as_dict(), path + ".__dict__");
  }

  std::string tensor(const StoredTensor& left, const StoredTensor& right, const std::string& path) {
    if (left.offset != right.offset || left.strides != right.strides)
      return path + ": another view";
    if (left.storage->nbytes != right.storage->nbytes) return path + ": another storage";
    if (left.storage->nbytes == 0) return {};  // without memory there is nothing to share
    return storages_.match(left.storage.get(), right.storage.get())
               ? std::string()
               : path + ": memory that is shared otherwise";
  }

  Pairs objects_;
  Pairs storages_;
};

}  // namespace

std::string difference(const Value& left, const Value& right) {
  return Walk().at(left, right, "root");
}

}  // namespace interop
