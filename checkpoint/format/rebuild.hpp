// The calls that a pickle describes and that we know, done as data.
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

#include "checkpoint/format/globals.hpp"
#include "checkpoint/format/value.hpp"

namespace cairn::checkpoint::format {

/// The size of record data/<key>; absent if there is none.
using StorageSize = std::function<std::optional<std::uint64_t>(std::string_view key)>;

/// Of names, while a pickle is decoded: what an Opaque name stands for.
using KnownNames = std::map<const void*, Global>;

class Rebuilder {
 public:
  Rebuilder(StorageSize storage_size, const KnownNames& names, std::uint64_t pickle_size)
      : storage_size_(std::move(storage_size)),
        names_(&names),
        copies_left_(2 * pickle_size + 4096) {}

  /// ('storage', type, key, location, numel), as an Opaque that is the same for the same key.
  /// Throws Error.
  [[nodiscard]] Value storage(const Value& persistent_id);
  /// `callee(*arguments)`. Throws Error for calls that are not described in FORMAT.md.
  [[nodiscard]] Value call(const Global& callee, const Tuple& arguments);

  /// The arguments of a call that gives a tensor attributes (wrapped_tensor.hpp), with the tensor
  /// in its place if it is a strided one. Throws Error.
  [[nodiscard]] Tuple wrapping(const Global& callee, const Tuple& arguments);

  using Keyed = std::pair<std::string, std::shared_ptr<Storage>>;
  /// In the order in which they came.
  [[nodiscard]] std::vector<Keyed> storages() && { return std::move(storages_); }

 private:
  [[nodiscard]] Value new_storage(const Global& type, const std::vector<Value>& parts);
  [[nodiscard]] Value rebuild_tensor(bool v3, const std::vector<Value>& arguments);
  void count_copies(const std::vector<Value>& arguments);

  StorageSize storage_size_;
  const KnownNames* names_;
  std::uint64_t copies_left_;
  std::vector<Keyed> storages_;
  std::map<std::string, Value, std::less<>> by_key_;
  std::set<const Storage*> typed_;  // untyped storages whose element type a tensor has told
};

}  // namespace cairn::checkpoint::format
