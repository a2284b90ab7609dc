#include "checkpoint/format/crc32.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>

#include <isa-l/crc.h>

namespace cairn::checkpoint::format {
namespace {

constexpr std::uint32_t kPolynomial = 0xEDB88320;       // reflected
constexpr std::uint32_t kOne = 0x80000000;              // x^0, reflected
constexpr std::size_t kChunk = std::size_t{16} << 20U;  // a thread's unit of work
constexpr std::size_t kMaxThreads = 4;  // more than this is the memory's limit, not the processor's

// Product of two polynomials modulo the CRC's (zlib's crc32.c, multmodp).
constexpr std::uint32_t multiply(std::uint32_t a, std::uint32_t b) {
  std::uint32_t product = 0;
  for (std::uint32_t bit = kOne; bit != 0; bit >>= 1U) {
    if ((a & bit) != 0) product ^= b;
    b = (b & 1U) != 0 ? (b >> 1U) ^ kPolynomial : b >> 1U;
  }
  return product;
}

// x^(2^n)
constexpr std::array<std::uint32_t, 32> kPowers = [] {
  std::array<std::uint32_t, 32> powers{kOne >> 1U};
  for (std::size_t n = 1; n < powers.size(); ++n)
    powers[n] = multiply(powers[n - 1], powers[n - 1]);
  return powers;
}();

struct Chunk {
  std::span<const std::byte> bytes{};
  std::size_t piece{0};
  std::uint32_t crc{0};
};

std::vector<Chunk> split(std::span<const std::span<const std::byte>> pieces, std::size_t size) {
  std::vector<Chunk> chunks;
  for (std::size_t piece = 0; piece < pieces.size(); ++piece) {
    const auto bytes = pieces[piece];
    for (std::size_t at = 0; at < bytes.size(); at += size) {
      chunks.push_back(
          {.bytes = bytes.subspan(at, std::min(size, bytes.size() - at)), .piece = piece});
    }
  }
  return chunks;
}

void checksum(std::span<Chunk> chunks) {
  std::size_t total = 0;
  for (const Chunk& chunk : chunks) total += chunk.bytes.size();
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < chunks.size(); i = next++)
      chunks[i].crc = crc32(chunks[i].bytes);
  };
  const std::size_t wanted =
      std::min<std::size_t>({kMaxThreads, std::thread::hardware_concurrency(), total / kChunk});
  std::vector<std::jthread> helpers;
  for (std::size_t i = 1; i < wanted; ++i) helpers.emplace_back(work);
  work();
}

}  // namespace

std::uint32_t crc32(std::span<const std::byte> bytes) {
  return crc32_gzip_refl(0, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

std::uint32_t crc32(const vfs::Body& body) {
  std::uint32_t crc = 0;
  for (const vfs::Body::Segment& segment : body.segments()) {
    crc = crc32_gzip_refl(crc, reinterpret_cast<const unsigned char*>(segment.bytes.data()),
                          segment.bytes.size());
  }
  return crc;
}

std::uint32_t crc32_combine(std::uint32_t first, std::uint32_t second, std::uint64_t second_size) {
  std::uint32_t shift = kOne;  // x^(8 * second_size)
  for (std::size_t n = 3; second_size != 0; second_size >>= 1U, ++n) {
    if ((second_size & 1U) != 0) shift = multiply(kPowers[n % kPowers.size()], shift);
  }
  return multiply(shift, first) ^ second;
}

std::vector<std::uint32_t> crc32_each(std::span<const std::span<const std::byte>> pieces) {
  std::vector<Chunk> chunks = split(pieces, kChunk);
  checksum(chunks);
  std::vector<std::uint32_t> sums(pieces.size(), 0);
  for (const Chunk& chunk : chunks) {
    sums[chunk.piece] = crc32_combine(sums[chunk.piece], chunk.crc, chunk.bytes.size());
  }
  return sums;
}

std::vector<std::uint32_t> crc32_chunks(std::span<const std::byte> bytes, std::uint64_t chunk) {
  std::vector<Chunk> chunks = split({&bytes, 1}, static_cast<std::size_t>(chunk));
  checksum(chunks);
  std::vector<std::uint32_t> sums;
  for (const Chunk& part : chunks) sums.push_back(part.crc);
  return sums;
}

std::uint32_t crc32_joined(std::span<const std::uint32_t> sums, std::uint64_t chunk,
                           std::uint64_t size) {
  std::uint32_t joined = 0;
  for (std::size_t i = 0; i < sums.size(); ++i)
    joined = crc32_combine(joined, sums[i], std::min(chunk, size - i * chunk));
  return joined;
}

}  // namespace cairn::checkpoint::format
