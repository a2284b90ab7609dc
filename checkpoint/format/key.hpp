// Dictionary keys as Python compares them: 1, 1.0 and True are one key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "checkpoint/format/value.hpp"

namespace cairn::checkpoint {

/// Equal keys have equal hashes. Throws Error(type) for what can't be a key (containers, tensors,
/// tuples nested too deep: a small file can name a tuple of 2^33 leaves).
[[nodiscard]] std::size_t hash_key(const Value& key);
/// The bytes that hashing it reads, more or less: a file can name a long key with two bytes.
[[nodiscard]] std::uint64_t key_cost(const Value& key);
/// Both must have passed hash_key.
[[nodiscard]] bool same_key(const Value& left, const Value& right);
/// For messages: 'name', 3, (1, 2); cut short where it is long.
[[nodiscard]] std::string show_key(const Value& key);

}  // namespace cairn::checkpoint
