// Every container that a pickle makes. A hostile one can nest a million deep or hold itself: the
// pool finds that out without recursion, and takes apart what is not part of a good tree, also
// without recursion.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "checkpoint/format/value.hpp"

namespace cairn::checkpoint::format {

class ContainerPool {
 public:
  ContainerPool() = default;
  ContainerPool(const ContainerPool&) = delete;
  ContainerPool& operator=(const ContainerPool&) = delete;
  ~ContainerPool();

  /// Of a container, as soon as it exists.
  void add(const Value& container) { made_.push_back(container); }
  /// Throws Error if a container holds itself or the tree is deeper than `max_depth`. Else the tree
  /// outlives the pool. A circle with an opaque object in it (a node that knows its parent) is cut:
  /// Opaque::cut stands where it closes, so that the rest can be read.
  void accept(const Value& root, std::uint32_t max_depth);

 private:
  std::vector<Value> made_;
  std::unordered_map<const void*, std::uint32_t> accepted_;  // to its height
};

}  // namespace cairn::checkpoint::format
