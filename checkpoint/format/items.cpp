#include "checkpoint/format/items.hpp"

namespace cairn::checkpoint::format {

std::string_view describe(const Item& item) {
  if (const Value* value = value_in(item)) return to_string(value->kind());
  if (const Global* global = global_in(item))
    return global->what == Known::dtype ? "torch.dtype" : "a type or function";
  if (std::holds_alternative<StorageItem>(item)) return "a bare storage";
  return "a tuple with types or storages in it";
}

const Value* value_in(const Item& item) {
  return std::get_if<Value>(&item);
}
const Global* global_in(const Item& item) {
  return std::get_if<Global>(&item);
}

}  // namespace cairn::checkpoint::format
