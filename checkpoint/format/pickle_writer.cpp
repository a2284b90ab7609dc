#include "checkpoint/format/pickle_writer.hpp"

#include <bit>
#include <cstring>
#include <limits>

#include "checkpoint/format/error.hpp"
#include "checkpoint/format/integers.hpp"
#include "checkpoint/format/little_endian.hpp"
#include "checkpoint/format/text.hpp"

namespace cairn::checkpoint::format {

PickleWriter::PickleWriter() {
  op(Op::proto);
  put_integer(bytes_, 2, 1);
}

void PickleWriter::integer(std::int64_t value) {
  if (value >= 0 && value <= 0xFF) {
    op(Op::binint1);
    put_integer(bytes_, static_cast<std::uint64_t>(value), 1);
  } else if (value >= 0 && value <= 0xFFFF) {
    op(Op::binint2);
    put_integer(bytes_, static_cast<std::uint64_t>(value), 2);
  } else if (value >= std::numeric_limits<std::int32_t>::min() &&
             value <= std::numeric_limits<std::int32_t>::max()) {
    op(Op::binint);
    put_integer(bytes_, static_cast<std::uint64_t>(value), 4);
  } else {
    big_integer(encode_integer(value));
  }
}

void PickleWriter::big_integer(std::string_view bytes) {
  const std::string_view minimal = minimal_integer(bytes);
  if (minimal.size() > 0xFF)
    throw Error(ErrorCode::unsupported, "an int of more than 255 bytes, which torch.load refuses");
  op(Op::long1);
  put_integer(bytes_, minimal.size(), 1);
  bytes_ += minimal;
}

void PickleWriter::real(double value) {
  op(Op::binfloat);
  const auto bits = std::bit_cast<std::uint64_t>(value);
  for (unsigned shift = 64; shift > 0; shift -= 8)
    bytes_.push_back(static_cast<char>((bits >> (shift - 8)) & 0xFFU));
}

void PickleWriter::text(std::string_view text) {
  if (text.size() > std::numeric_limits<std::uint32_t>::max()) {
    throw Error(ErrorCode::unsupported, "a text longer than 4 GiB");
  }
  if (!is_utf8(text))
    throw Error(ErrorCode::type, "a str that is not UTF-8 (Bytes hold raw bytes)");
  op(Op::binunicode);
  put_integer(bytes_, text.size(), 4);
  bytes_ += text;
}

void PickleWriter::global(std::string_view module, std::string_view name) {
  op(Op::global);
  bytes_.append(module).append("\n").append(name).append("\n");
}

void PickleWriter::tuple(std::size_t count) {
  switch (count) {
    case 0:
      return op(Op::empty_tuple);
    case 1:
      return op(Op::tuple1);
    case 2:
      return op(Op::tuple2);
    case 3:
      return op(Op::tuple3);
    default:
      return op(Op::tuple);
  }
}

std::uint32_t PickleWriter::put() {
  const std::uint32_t number = remembered_++;
  op(number <= 0xFF ? Op::binput : Op::long_binput);
  put_integer(bytes_, number, number <= 0xFF ? 1 : 4);
  return number;
}

void PickleWriter::get(std::uint32_t number) {
  op(number <= 0xFF ? Op::binget : Op::long_binget);
  put_integer(bytes_, number, number <= 0xFF ? 1 : 4);
}

std::string PickleWriter::finish() && {
  op(Op::stop);
  return std::move(bytes_);
}

}  // namespace cairn::checkpoint::format
