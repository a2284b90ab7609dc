#include "checkpoint/format/pickle_reader.hpp"

#include <bit>

#include "checkpoint/format/error.hpp"
#include "checkpoint/format/little_endian.hpp"
#include "checkpoint/format/text.hpp"

namespace cairn::checkpoint::format {

std::string_view PickleReader::take(std::uint64_t count) {
  if (count > bytes_.size() - position_) throw Error(ErrorCode::corrupt, "the pickle ends early");
  const std::string_view taken = bytes_.substr(position_, static_cast<std::size_t>(count));
  position_ += taken.size();
  return taken;
}

std::uint64_t PickleReader::unsigned_integer(unsigned width) {
  return get_integer(take(width), 0, width);
}

double PickleReader::real() {
  std::uint64_t bits = 0;
  for (const char byte : take(8)) bits = (bits << 8U) | static_cast<unsigned char>(byte);
  return std::bit_cast<double>(bits);
}

std::string_view PickleReader::line() {
  const std::size_t end = bytes_.find('\n', position_);
  if (end == std::string_view::npos) throw Error(ErrorCode::corrupt, "the pickle ends early");
  const std::string_view text = bytes_.substr(position_, end - position_);
  position_ = end + 1;
  return text;
}

std::string_view PickleReader::text(std::uint64_t count) {
  const std::string_view bytes = take(count);
  if (!is_utf8(bytes)) throw Error(ErrorCode::corrupt, "a str that is not UTF-8");
  return bytes;
}

}  // namespace cairn::checkpoint::format
