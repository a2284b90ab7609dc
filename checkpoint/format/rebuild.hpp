// The calls that a pickle describes, done as data: tensors from storages, ordered dicts, bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checkpoint/format/items.hpp"

namespace cairn::checkpoint::format {

/// The size of record data/<key>; absent if there is none.
using StorageSize = std::function<std::optional<std::uint64_t>(std::string_view key)>;

class Rebuilder {
 public:
  explicit Rebuilder(StorageSize storage_size) : storage_size_(std::move(storage_size)) {}

  /// ('storage', type, key, location, numel). Throws Error.
  [[nodiscard]] StorageItem storage(const Arguments& persistent_id);
  /// `callee(*arguments)`. Throws Error for calls that are not described in FORMAT.md.
  [[nodiscard]] Value call(const Global& callee, const std::vector<Item>& arguments);

  using Keyed = std::pair<std::string, std::shared_ptr<Storage>>;
  /// In the order in which they came.
  [[nodiscard]] std::vector<Keyed> storages() && { return std::move(storages_); }

 private:
  StorageSize storage_size_;
  std::vector<Keyed> storages_;
  std::map<std::string, StorageItem, std::less<>> by_key_;
  std::set<const Storage*> typed_;  // untyped storages whose element type a tensor has told
};

}  // namespace cairn::checkpoint::format
