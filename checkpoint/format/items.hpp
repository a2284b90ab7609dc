// What lies on the stack of the pickle machine: values, and things that only become part of one.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "checkpoint/format/globals.hpp"
#include "checkpoint/format/value.hpp"

namespace cairn::checkpoint::format {

struct StorageItem {
  std::shared_ptr<Storage> storage{};
  bool untyped{false};
};

struct Arguments;

/// Arguments: a tuple with something in it that is no value.
using Item = std::variant<Value, Global, StorageItem, std::shared_ptr<const Arguments>>;

struct Arguments {
  std::vector<Item> items{};
};

/// For messages: what an item is that should have been something else.
[[nodiscard]] std::string_view describe(const Item& item);
[[nodiscard]] const Value* value_in(const Item& item);
[[nodiscard]] const Global* global_in(const Item& item);

}  // namespace cairn::checkpoint::format
