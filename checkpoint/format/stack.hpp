// The stack of the pickle machine, with its marks.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "checkpoint/format/value.hpp"

namespace cairn::checkpoint::format {

/// Nothing below the innermost mark can be taken: functions throw Error(corrupt) if there is too
/// little above it.
class Stack {
 public:
  void push(Value item) { items_.push_back(std::move(item)); }
  [[nodiscard]] Value pop();
  [[nodiscard]] std::vector<Value> pop(std::size_t count);
  [[nodiscard]] Value& top();

  void mark() { marks_.push_back(items_.size()); }
  /// The mark goes, the items above it stay; returns how many they are.
  [[nodiscard]] std::size_t close_mark();

  /// One item and no mark: where a pickle ends.
  [[nodiscard]] bool is_single() const noexcept { return items_.size() == 1 && marks_.empty(); }
  /// Where in the tree the next item goes, as far as the keys on the stack tell: "['model'][2]".
  [[nodiscard]] std::string where() const;

 private:
  void need(std::size_t count) const;

  std::vector<Value> items_;
  std::vector<std::size_t> marks_;  // sizes of items_
};

}  // namespace cairn::checkpoint::format
