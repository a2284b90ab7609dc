#include "vfs/net/text.hpp"

#include <string>

#include "tests/support/catch.hpp"
#include "vfs/net/transport.hpp"

namespace {

using namespace cairn::vfs;
using namespace std::chrono;

TEST_CASE("percent-encoding keeps what RFC 3986 calls unreserved", "[net]") {
  CHECK(net::percent_encode("AZaz09-._~") == "AZaz09-._~");
  CHECK(net::percent_encode("a b+c/\xc3\xa9") == "a%20b%2Bc%2F%C3%A9");
  CHECK(net::percent_encode("a/b", net::Slash::keep) == "a/b");
}

TEST_CASE("percent-decoding turns plus into a space and leaves what is no escape", "[net]") {
  CHECK(net::percent_decode_plus("a+b%20c%2Bd") == "a b c+d");
  CHECK(net::percent_decode_plus("100%") == "100%");
  CHECK(net::percent_decode_plus("%zz%4") == "%zz%4");
  CHECK(net::percent_decode_plus("%c3%A9") == "\xc3\xa9");
}

TEST_CASE("percent-decoding alone leaves a plus", "[net]") {
  CHECK(net::percent_decode("a+b%20c%2Bd%") == "a+b c+d%");
}

TEST_CASE("an HTTP date is that of RFC 9110", "[net]") {
  CHECK(net::format_http_date(system_clock::time_point{seconds{784111777}}) ==
        "Sun, 06 Nov 1994 08:49:37 GMT");
  // The RFC's own example; date -u -d '1994-11-06 08:49:37' +%s
  CHECK(net::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT") ==
        system_clock::time_point{seconds{784111777}});
  CHECK_FALSE(net::parse_http_date("Sun, 06 Nov 1994 08:49:37").has_value());
  CHECK_FALSE(net::parse_http_date("Sun, 31 Feb 1994 08:49:37 GMT").has_value());
  CHECK_FALSE(net::parse_http_date("").has_value());
}

TEST_CASE("loopback is recognised by what it is, not by how it begins", "[net][text]") {
  for (const char* host : {"localhost", "minio.localhost", "127.0.0.1", "127.1.2.3", "[::1]"}) {
    CHECK(net::is_loopback(host));
  }
  for (const char* host : {"127.0.0.1.evil.com", "127.evil.com", "localhost.evil.com", "128.0.0.1",
                           "127.0.0", "127.0.0.256", "0.0.0.0", ""}) {
    CHECK_FALSE(net::is_loopback(host));
  }
}

TEST_CASE("the host and the origin of a URL are what stands between the slashes", "[net][text]") {
  CHECK(net::host_of("http://127.0.0.1:9000/bucket?a=b") == "127.0.0.1");
  CHECK(net::host_of("https://[::1]:9000/") == "[::1]");
  CHECK(net::host_of("https://user@host.example/a:b") == "host.example");
  CHECK(net::origin_of("https://host.example:8443/a?b") == "https://host.example:8443");
}

TEST_CASE("an ISO 8601 time is read with its fraction", "[net]") {
  // date -u -d '2026-02-12 20:12:48' +%s
  const system_clock::time_point whole{seconds{1770927168}};
  CHECK(net::parse_iso8601("2026-02-12T20:12:48Z") == whole);
  CHECK(net::parse_iso8601("2026-02-12T20:12:48.123Z") == whole + milliseconds{123});
  CHECK_FALSE(net::parse_iso8601("2026-02-12").has_value());
  // python: datetime.isoformat(), as `aws configure export-credentials` writes it
  CHECK(net::parse_iso8601("2026-02-12T20:12:48+00:00") == whole);
  CHECK(net::parse_iso8601("2026-02-12T22:12:48.123+02:00") == whole + milliseconds{123});
  CHECK(net::parse_iso8601("2026-02-12T15:42:48-0430") == whole);
  CHECK(net::parse_iso8601("2026-02-12T20:12:48UTC") == whole);
  for (const char* bad :
       {"2026-02-12T20:12:48", "2026-02-12T20:12:48+24:00", "2026-02-12T20:12:48+1",
        "2026-02-12T20:12:48.Z", "2026-02-12T20:12:48.1x", "2026-02-12T20:12:48ZZ"}) {
    CHECK_FALSE(net::parse_iso8601(bad).has_value());
  }
}

TEST_CASE("a time that the clock can't count to is the nearest one", "[net]") {
  CHECK(net::parse_iso8601("9999-12-31T23:59:59.9Z") == system_clock::time_point::max());
  CHECK(net::parse_iso8601("0001-01-01T00:00:00Z") == system_clock::time_point{});
}

TEST_CASE("a time is written as SigV4 wants it", "[net]") {
  CHECK(net::format_basic_iso8601(system_clock::time_point{seconds{1770927168}}) ==
        "20260212T201248Z");
  CHECK(net::format_basic_iso8601(system_clock::time_point{seconds{784111777}}) ==
        "19941106T084937Z");
}

TEST_CASE("a redacted URL holds no secret", "[net]") {
  CHECK(net::redact_url("https://u:p@h/k?a=1&X-Amz-Signature=abc&b=2&sig=x&X-Amz-Credential=c") ==
        "https://***@h/k?a=1&X-Amz-Signature=***&b=2&sig=***&X-Amz-Credential=***");
  CHECK(net::redact_url("http://127.0.0.1:9000/b/k@v?uploads=") ==
        "http://127.0.0.1:9000/b/k@v?uploads=");
}

TEST_CASE("a content range is read strictly", "[net]") {
  const auto range = net::parse_content_range("bytes 5-9/42");
  REQUIRE(range.has_value());
  CHECK(range->first == 5);
  CHECK(range->last == 9);
  CHECK(range->size == 42);
  CHECK_FALSE(net::parse_content_range("bytes 5-9/*")->size.has_value());
  CHECK_FALSE(net::parse_content_range("bytes */42")->first.has_value());
  for (const char* bad : {"", "bytes", "bytes 5-9", "bytes 9-5/42", "bytes 5-42/42", "items 1-2/3",
                          "bytes -1-2/3", "bytes 99999999999999999999-9/42"}) {
    CHECK_FALSE(net::parse_content_range(bad).has_value());
  }
}

TEST_CASE("header names are compared without case", "[net]") {
  net::Headers headers;
  headers.add("ETag", "\"1\"");
  headers.set("etag", "\"2\"");

  CHECK(headers.size() == 1);
  CHECK(headers.get("ETAG") == "\"2\"");
  headers.remove("eTag");
  CHECK_FALSE(headers.find("etag").has_value());
}

}  // namespace
