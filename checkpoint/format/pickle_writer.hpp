// Single pickle instructions, protocol 2, spelled as CPython's pickler spells them
// (Modules/_pickle.c).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "checkpoint/format/opcodes.hpp"

namespace cairn::checkpoint::format {

class PickleWriter {
 public:
  PickleWriter();

  void op(Op code) { bytes_.push_back(static_cast<char>(code)); }
  void integer(std::int64_t value);
  /// Little-endian two's complement. Throws Error(unsupported) beyond 255 bytes: torch.load refuses
  /// those.
  void big_integer(std::string_view bytes);
  void real(double value);
  void boolean(bool value) { op(value ? Op::newtrue : Op::newfalse); }
  /// Throws Error for what is not UTF-8 or longer than 4 GiB.
  void text(std::string_view text);
  void global(std::string_view module, std::string_view name);
  /// Of `count` items: the short forms need no mark().
  void tuple(std::size_t count);

  /// Remembers the top of the stack; returns its number.
  std::uint32_t put();
  void get(std::uint32_t number);

  /// Ends the pickle.
  [[nodiscard]] std::string finish() &&;

 private:
  std::string bytes_;
  std::uint32_t remembered_{0};
};

}  // namespace cairn::checkpoint::format
