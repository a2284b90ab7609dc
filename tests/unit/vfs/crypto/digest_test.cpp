#include "vfs/crypto/digest.hpp"

#include <string>

#include "tests/support/catch.hpp"
#include "vfs/crypto/crc.hpp"
#include "vfs/crypto/encoding.hpp"

namespace {

using namespace cairn::vfs;

TEST_CASE("SHA-256 is that of FIPS 180-2", "[crypto]") {
  CHECK(crypto::hex(crypto::sha256(as_bytes("abc"))) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(crypto::hex(crypto::sha256(std::span<const std::byte>{})) ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("SHA-256 of a body runs over all its segments", "[crypto]") {
  Body body("a");
  body.append(as_bytes("bc"));

  CHECK(crypto::hex(crypto::sha256(body)) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("HMAC-SHA-256 is that of RFC 4231", "[crypto]") {
  SECTION("case 2, a short key") {
    CHECK(crypto::hex(crypto::hmac_sha256(as_bytes("Jefe"), "what do ya want for nothing?")) ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  }
  SECTION("case 6, a key longer than a block") {
    CHECK(crypto::hex(
              crypto::hmac_sha256(as_bytes(std::string(131, '\xaa')),
                                  "Test Using Larger Than Block-Size Key - Hash Key First")) ==
          "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  }
}

TEST_CASE("base64 is that of RFC 4648", "[crypto]") {
  CHECK(crypto::base64(as_bytes("")).empty());
  CHECK(crypto::base64(as_bytes("f")) == "Zg==");
  CHECK(crypto::base64(as_bytes("fo")) == "Zm8=");
  CHECK(crypto::base64(as_bytes("foo")) == "Zm9v");
  CHECK(crypto::base64(as_bytes("foob")) == "Zm9vYg==");
  CHECK(crypto::base64(as_bytes("\xfb\xff")) == "+/8=");
}

TEST_CASE("a checksum is written as S3 wants it", "[crypto]") {
  // Amazon's documentation of PutObject: the CRC32C of "123456789" big-endian in base64
  CHECK(crypto::base64_big_endian(0xE3069283U) == "4waSgw==");
}

TEST_CASE("a checksum is written as Azure wants it", "[crypto]") {
  // azure-sdk-for-cpp, crypt_functions_test.cpp
  CHECK(crypto::base64_little_endian(crypto::crc64nvme(as_bytes("Hello Azure!"))) ==
        "DtjZpL9/o8c=");
}

TEST_CASE("MD5 is that of RFC 1321, SHA-1 that of FIPS 180-2", "[crypto]") {
  CHECK(crypto::hex(crypto::md5(as_bytes("abc"))) == "900150983cd24fb0d6963f7d28e17f72");
  Body body("a");
  body.append(as_bytes("bc"));
  CHECK(crypto::hex(crypto::md5(body)) == "900150983cd24fb0d6963f7d28e17f72");
  CHECK(crypto::hex(crypto::sha1(as_bytes("abc"))) == "a9993e364706816aba3e25717850c26c9cd0d89d");
}

TEST_CASE("base64 is read back, and what is none is refused", "[crypto]") {
  for (const std::string_view text : {"", "f", "fo", "foo", "foob", "\xfb\xff"}) {
    const auto bytes = crypto::parse_base64(crypto::base64(as_bytes(text)));
    REQUIRE(bytes.has_value());
    CHECK(std::string_view(reinterpret_cast<const char*>(bytes->data()), bytes->size()) == text);
  }
  for (const std::string_view text : {"Zg=", "Zg", "Zh==", "Z===", "====", "Zm9v-2", "Zm 9"}) {
    CHECK_FALSE(crypto::parse_base64(text).has_value());
  }
}

TEST_CASE("hexadecimal is read back, and what is none is refused", "[crypto]") {
  CHECK(crypto::hex(*crypto::parse_hex("00fFa7")) == "00ffa7");
  CHECK_FALSE(crypto::parse_hex("0").has_value());
  CHECK_FALSE(crypto::parse_hex("0g").has_value());
}

}  // namespace
