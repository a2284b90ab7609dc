#include "checkpoint/format/keyed_hash.hpp"

#include <bit>
#include <random>

#include "checkpoint/format/little_endian.hpp"

namespace cairn::checkpoint::format {
namespace {

using State = std::array<std::uint64_t, 4>;

void round(State& v) {
  v[0] += v[1];
  v[1] = std::rotl(v[1], 13) ^ v[0];
  v[0] = std::rotl(v[0], 32);
  v[2] += v[3];
  v[3] = std::rotl(v[3], 16) ^ v[2];
  v[0] += v[3];
  v[3] = std::rotl(v[3], 21) ^ v[0];
  v[2] += v[1];
  v[1] = std::rotl(v[1], 17) ^ v[2];
  v[2] = std::rotl(v[2], 32);
}

void compress(State& v, std::uint64_t word) {
  v[3] ^= word;
  round(v);
  round(v);
  v[0] ^= word;
}

std::array<std::uint64_t, 2> draw_key() {
  std::random_device device;
  const auto word = [&device] { return (std::uint64_t{device()} << 32U) | device(); };
  return {word(), word()};
}

}  // namespace

std::uint64_t sip_hash(std::array<std::uint64_t, 2> key, std::string_view bytes) {
  State v{key[0] ^ 0x736f6d6570736575, key[1] ^ 0x646f72616e646f6d, key[0] ^ 0x6c7967656e657261,
          key[1] ^ 0x7465646279746573};
  const std::size_t whole = bytes.size() / 8 * 8;
  for (std::size_t at = 0; at < whole; at += 8) compress(v, get_integer(bytes, at, 8));
  const auto rest = static_cast<unsigned>(bytes.size() - whole);
  compress(v, (std::uint64_t{bytes.size()} << 56U) | get_integer(bytes, whole, rest));
  v[2] ^= 0xFF;
  for (int i = 0; i < 4; ++i) round(v);
  return v[0] ^ v[1] ^ v[2] ^ v[3];
}

std::size_t KeyedHash::operator()(std::string_view bytes) const {
  static const std::array<std::uint64_t, 2> key = draw_key();
  return static_cast<std::size_t>(sip_hash(key, bytes));
}

}  // namespace cairn::checkpoint::format
