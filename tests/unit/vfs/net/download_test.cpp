#include "vfs/net/download.hpp"

#include <cstring>
#include <string>

#include "tests/support/catch.hpp"
#include "vfs/crypto/crc.hpp"

namespace {

using namespace cairn::vfs;
using net::Download;
using net::TransportFailure;

constexpr std::string_view kText = "123456789";  // its CRC32C is E3069283
constexpr Checksum kChecksum{.type = ChecksumType::crc32c, .value = 0xE3069283U};

/// A download into nine bytes, and the answers to it.
struct Fixture {
  explicit Fixture(std::optional<std::uint64_t> start = {}, net::Headers headers = {})
      : download(std::as_writable_bytes(std::span(memory)), start, headers) {}

  net::Request ask() {
    net::Request request;
    net::Exchange exchange;
    download.prepare(request, exchange);
    destination = *exchange.destination;
    return request;
  }
  std::optional<Download::Fault> answer(int status, std::string_view body, net::Headers headers,
                                        std::optional<TransportFailure> how = {}) {
    ask();
    const std::size_t length = std::min(body.size(), destination.size());
    std::memcpy(destination.data(), body.data(), length);
    failure = how;
    return download.take({.status = status,
                          .headers = std::move(headers),
                          .received = length,
                          .checksum = Checksum{ChecksumType::crc32c,
                                               crypto::crc32c(destination.first(length))}},
                         failure, {[this](const net::Headers&) { return checksum; }, version});
  }

  std::string memory = std::string(kText.size(), '-');
  std::span<std::byte> destination{};
  std::optional<Checksum> checksum{};
  Download::ReadVersion version{};
  std::optional<TransportFailure> failure{};
  Download download;
};

net::Headers headers(std::string_view etag, std::string_view range = {}) {
  net::Headers headers;
  if (!etag.empty()) headers.set("etag", etag);
  if (!range.empty()) headers.set("content-range", range);
  return headers;
}

}  // namespace

TEST_CASE("a whole object is asked for without a range, the rest of it with one and its etag",
          "[net][download]") {
  Fixture f;
  CHECK_FALSE(f.ask().headers.find("range"));

  CHECK_FALSE(f.answer(200, "1234", headers("\"v\""), TransportFailure::partial_body));
  CHECK(f.ask().headers.get("range") == "bytes=4-8");
  CHECK(f.ask().headers.get("if-match") == "\"v\"");
  CHECK_FALSE(f.answer(206, "56789", headers("\"v\"", "bytes 4-8/9")));

  CHECK(f.memory == kText);
  CHECK(f.download.checksum() == kChecksum);
}

TEST_CASE("the rest of an object that was replaced meanwhile is not mixed in", "[net][download]") {
  Fixture f;
  CHECK_FALSE(f.answer(200, "1234", headers("\"v\""), TransportFailure::partial_body));

  const auto fault = f.answer(206, "56789", headers("\"w\"", "bytes 4-8/9"));

  REQUIRE(fault.has_value());
  CHECK(fault->error.code == "PreconditionFailed");
  CHECK_FALSE(fault->retry);
  CHECK(f.download.received() == 4);
}

TEST_CASE("a checksum that does not fit means to begin again", "[net][download]") {
  net::Headers condition;
  condition.set("if-match", "\"wanted\"");
  Fixture f({}, condition);
  f.checksum = kChecksum;

  const auto fault = f.answer(200, "123456780", headers("\"v\""));

  REQUIRE(fault.has_value());
  CHECK(fault->error.code == "ChecksumMismatch");
  CHECK(fault->retry);
  CHECK(f.download.received() == 0);
  CHECK(f.ask().headers.get("if-match") == "\"wanted\"");
  CHECK_FALSE(f.answer(200, kText, headers("\"v\"")));
}

TEST_CASE("the checksum of an object is compared over all attempts", "[net][download]") {
  Fixture f;
  f.checksum = kChecksum;
  CHECK_FALSE(f.answer(200, "1235", headers("\"v\""), TransportFailure::partial_body));
  CHECK(f.answer(206, "56789", headers("\"v\"", "bytes 4-8/9")).has_value());
}

TEST_CASE("a body that was cut, with a length to fit, is found out by its checksum",
          "[net][download]") {
  Fixture f;
  f.checksum = kChecksum;
  net::Headers cut = headers("\"v\"");
  cut.set("content-length", "4");
  CHECK(f.answer(200, "1234", cut).has_value());
}

TEST_CASE("the checksum of the whole says nothing about a part of it", "[net][download]") {
  Fixture middle(0);
  middle.checksum = Checksum{.value = 1};
  CHECK_FALSE(middle.answer(206, kText, headers("\"v\"", "bytes 0-8/20")));

  Fixture larger;
  larger.checksum = Checksum{.value = 1};
  CHECK_FALSE(larger.answer(200, kText, headers("\"v\""), TransportFailure::body_too_large));
  CHECK_FALSE(larger.failure.has_value());
}

TEST_CASE("a range that goes on behind what was asked for is refused", "[net][download]") {
  Fixture f(0);
  const auto fault =
      f.answer(206, kText, headers("\"v\"", "bytes 0-8/20"), TransportFailure::body_too_large);
  REQUIRE(fault.has_value());
  CHECK(fault->retry);
}
