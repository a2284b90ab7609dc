// What a pickle has written and can refer to: CPython remembers objects by identity. Here what has
// one (containers, tensors, what came from a file) is remembered by it, the rest by content, which
// is the same for names and keys, because Python interns them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "checkpoint/format/pickle_writer.hpp"
#include "checkpoint/format/value.hpp"

namespace cairn::checkpoint::format {

/// Texts are referred to by views: the tree must outlive the memo.
class PickleMemo {
 public:
  explicit PickleMemo(PickleWriter& writer) : writer_(&writer) {}

  /// Writes a reference, if this object was written before. nullptr never was.
  bool get(const void* identity);
  /// Remembers the top of the stack, as this object unless it is nullptr.
  void put(const void* identity = nullptr);

  /// A str: a reference where there can be one.
  void text(const Value& text);
  /// A str without an identity.
  void text(std::string_view text);
  /// A str that Python makes anew each time.
  void fresh_text(std::string_view text);
  void global(std::string_view module, std::string_view name);
  /// Bytes without an identity that were written before; else remembers them with put_bytes.
  bool get_bytes(std::string_view bytes);
  void put_bytes(std::string_view bytes);

 private:
  PickleWriter* writer_;
  std::unordered_map<const void*, std::uint32_t> objects_;
  std::unordered_map<std::string_view, std::uint32_t> texts_;
  std::unordered_map<std::string_view, std::uint32_t> bytes_;
  std::unordered_map<std::string, std::uint32_t> globals_;
};

}  // namespace cairn::checkpoint::format
