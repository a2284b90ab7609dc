#include "checkpoint/format/scalar_operations.hpp"

#include <string>

#include "checkpoint/format/integers.hpp"

namespace cairn::checkpoint::format {
namespace {

Value integer(PickleReader& reader, unsigned width) {
  const std::string_view bytes = reader.take(reader.unsigned_integer(width));
  if (const auto small = decode_integer(bytes)) return Value(*small);
  return Value(BigInt{std::string(minimal_integer(bytes))});
}

Value text(PickleReader& reader, unsigned width) {
  return Value::identified(std::string(reader.text(reader.unsigned_integer(width))));
}

Value bytes(PickleReader& reader, unsigned width) {
  return Value::identified(Bytes{std::string(reader.take(reader.unsigned_integer(width)))});
}

}  // namespace

std::optional<Value> read_scalar(Op op, PickleReader& reader) {
  switch (op) {
    case Op::none:
      return Value();
    case Op::newtrue:
      return Value(true);
    case Op::newfalse:
      return Value(false);
    case Op::binint:
      return Value(reader.int32());
    case Op::binint1:
      return Value(static_cast<std::int64_t>(reader.unsigned_integer(1)));
    case Op::binint2:
      return Value(static_cast<std::int64_t>(reader.unsigned_integer(2)));
    case Op::long1:
      return integer(reader, 1);
    case Op::long4:
      return integer(reader, 4);
    case Op::binfloat:
      return Value(reader.real());
    case Op::short_binstring:
    case Op::short_binunicode:
      return text(reader, 1);
    case Op::binunicode:
      return text(reader, 4);
    case Op::binunicode8:
      return text(reader, 8);
    case Op::short_binbytes:
      return bytes(reader, 1);
    case Op::binbytes:
      return bytes(reader, 4);
    case Op::binbytes8:
      return bytes(reader, 8);
    default:
      return std::nullopt;
  }
}

}  // namespace cairn::checkpoint::format
