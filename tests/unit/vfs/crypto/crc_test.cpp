#include "vfs/crypto/crc.hpp"

#include <string>

#include "tests/support/catch.hpp"

namespace {

using namespace cairn::vfs;

// Check values: https://reveng.sourceforge.io/crc-catalogue/17plus.htm. Longer ones come from
// Python's zlib.crc32.
constexpr std::string_view kCheck = "123456789";

TEST_CASE("CRC32 has the catalogue's check value", "[crypto]") {
  CHECK(crypto::crc32(as_bytes(kCheck)) == 0xCBF43926U);
}

TEST_CASE("CRC32C has the catalogue's check value", "[crypto]") {
  CHECK(crypto::crc32c(as_bytes(kCheck)) == 0xE3069283U);
}

TEST_CASE("CRC32C of 32 bytes is as RFC 3720 B.4 says", "[crypto]") {
  CHECK(crypto::crc32c(as_bytes(std::string(32, '\0'))) == 0x8A9136AAU);
  CHECK(crypto::crc32c(as_bytes(std::string(32, '\xff'))) == 0x62A8AB43U);
}

TEST_CASE("a CRC is continued over pieces", "[crypto]") {
  const auto head = as_bytes(kCheck.substr(0, 4));
  const auto tail = as_bytes(kCheck.substr(4));

  CHECK(crypto::crc32(tail, crypto::crc32(head)) == 0xCBF43926U);
  CHECK(crypto::crc32c(tail, crypto::crc32c(head)) == 0xE3069283U);
}

TEST_CASE("the CRC of a body runs over all its segments", "[crypto]") {
  Body body(kCheck.substr(0, 2));
  body.append(as_bytes(kCheck.substr(2)));

  CHECK(crypto::crc32(body) == 0xCBF43926U);
  CHECK(crypto::crc32c(body) == 0xE3069283U);
  CHECK(crypto::crc64nvme(body) == 0xAE8B14860A799888U);
}

TEST_CASE("nothing has CRC 0", "[crypto]") {
  CHECK(crypto::crc32(Body{}) == 0);
  CHECK(crypto::crc32c(Body{}) == 0);
}

TEST_CASE("CRCs of two pieces combine to that of the whole at every cut", "[crypto]") {
  for (std::size_t cut = 0; cut <= kCheck.size(); ++cut) {
    const auto head = as_bytes(kCheck.substr(0, cut));
    const auto tail = as_bytes(kCheck.substr(cut));
    CHECK(crypto::crc_combine(crypto::kCrc32Polynomial, crypto::crc32(head), crypto::crc32(tail),
                              tail.size()) == 0xCBF43926U);
    CHECK(crypto::crc_combine(crypto::kCrc32cPolynomial, crypto::crc32c(head), crypto::crc32c(tail),
                              tail.size()) == 0xE3069283U);
  }
}

TEST_CASE("a combined CRC over more than 4 GiB of zeros follows the length", "[crypto]") {
  // python: zlib.crc32 of b"1" followed by 5 GiB of zero bytes, from crc32 of each piece
  constexpr std::uint64_t kLength = 5ULL << 30U;
  CHECK(crypto::crc_combine(crypto::kCrc32Polynomial, 0x83DCEFB7U, 0x193838C3U, kLength) ==
        0x0C598673U);
}

TEST_CASE("64-bit CRCs combine, too", "[crypto]") {
  // CRC-64/NVME of "123456789" is AE8B14860A799888 (NVM Express specification); the pieces by a
  // bitwise program in Python.
  CHECK(crypto::crc_combine<std::uint64_t>(0x9A6C9329AC4BC9B5U, 0x29F5DBE7E2FF71D4U,
                                           0xF87DC887176CE667U, 5) == 0xAE8B14860A799888U);
}

TEST_CASE("CRC64NVME has the values of the NVM Command Set Specification", "[crypto]") {
  // Its test cases: 4 KiB of 00h, of FFh, counting up from 00h, counting down from FFh.
  std::string up(4096, '\0');
  std::string down(4096, '\0');
  for (std::size_t i = 0; i < up.size(); ++i) {
    up[i] = static_cast<char>(i % 256);
    down[i] = static_cast<char>(255 - i % 256);
  }
  CHECK(crypto::crc64nvme(as_bytes(kCheck)) == 0xAE8B14860A799888U);
  CHECK(crypto::crc64nvme(as_bytes(std::string(4096, '\0'))) == 0x6482D367EB22B64EU);
  CHECK(crypto::crc64nvme(as_bytes(std::string(4096, '\xff'))) == 0xC0DDBA7302ECA3ACU);
  CHECK(crypto::crc64nvme(as_bytes(up)) == 0x3E729F5F6750449CU);
  CHECK(crypto::crc64nvme(as_bytes(down)) == 0x9A2DF64B8E9E517EU);
}

TEST_CASE("CRC64NVME of any length is that of its pieces", "[crypto]") {
  std::string text(700, '\0');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * 31 + i / 7);
  const auto bytes = as_bytes(text);
  for (std::size_t length = 0; length <= text.size(); ++length) {
    std::uint64_t byte_by_byte = 0;  // never long enough to be folded
    for (const std::byte& byte : bytes.first(length)) {
      byte_by_byte = crypto::crc64nvme({&byte, 1}, byte_by_byte);
    }
    REQUIRE(crypto::crc64nvme(bytes.first(length)) == byte_by_byte);
  }
}

}  // namespace
