#include "vfs/net/retry.hpp"

#include <string_view>

#include "tests/support/catch.hpp"

namespace {

using namespace cairn::vfs;
using namespace std::chrono_literals;
using net::TransportFailure;
using net::Verdict;

constexpr Verdict kNo{false, false};
constexpr Verdict kRetryNothingHappened{true, false};
constexpr Verdict kRetryInDoubt{true, true};

TEST_CASE("statuses and codes are judged by this table", "[net]") {
  struct Row {
    int status;
    std::string_view code;
    Verdict verdict;
  };
  const Row rows[] = {
      {400, "", kNo},
      {400, "InvalidRequest", kNo},
      {400, "RequestTimeout", kRetryInDoubt},
      {401, "", kNo},
      {403, "AccessDenied", kNo},
      {404, "NoSuchKey", kNo},
      {408, "", kRetryInDoubt},
      {409, "ConditionalRequestConflict", kRetryInDoubt},
      {409, "BucketNotEmpty", kNo},
      {409, "OperationAborted", kRetryInDoubt},
      {412, "PreconditionFailed", kNo},
      {416, "InvalidRange", kNo},
      {429, "", kRetryInDoubt},
      {400, "ThrottlingException", kRetryInDoubt},
      {500, "InternalError", kRetryInDoubt},
      {501, "NotImplemented", {false, true}},
      {502, "", kRetryInDoubt},
      {503, "SlowDown", kRetryInDoubt},
      {504, "", kRetryInDoubt},
      {200, "InternalError", kRetryInDoubt},
      {200, "MalformedResponse", kRetryInDoubt},
      {200, "InvalidPart", {false, true}},
  };
  for (const Row& row : rows) {
    INFO(row.status << " " << row.code);
    CHECK(net::judge(row.status, row.code) == row.verdict);
  }
}

TEST_CASE("failures of the transport are judged by this table", "[net]") {
  CHECK(net::judge(TransportFailure::connect) == kRetryNothingHappened);
  CHECK(net::judge(TransportFailure::resolve) == kRetryNothingHappened);
  CHECK(net::judge(TransportFailure::send) == kRetryInDoubt);
  CHECK(net::judge(TransportFailure::receive) == kRetryInDoubt);
  CHECK(net::judge(TransportFailure::partial_body) == kRetryInDoubt);
  CHECK(net::judge(TransportFailure::stalled) == kRetryInDoubt);
  CHECK_FALSE(net::judge(TransportFailure::tls).retry);
  CHECK_FALSE(net::judge(TransportFailure::cancelled).retry);
  CHECK_FALSE(net::judge(TransportFailure::deadline).retry);
  CHECK(net::judge(TransportFailure::refused) == kNo);
}

TEST_CASE("the delay is uniform up to a limit that doubles and is capped", "[net]") {
  const RetryPolicy policy{.base_delay = 100ms, .max_delay = 1000ms};

  CHECK(net::backoff(policy, 1, 0) == 0ms);
  CHECK(net::backoff(policy, 1, 100) == 100ms);
  CHECK(net::backoff(policy, 1, 101) == 0ms);
  CHECK(net::backoff(policy, 3, 400) == 400ms);
  CHECK(net::backoff(policy, 3, 401) == 0ms);
  CHECK(net::backoff(policy, 60, 1000) == 1000ms);
  CHECK(net::backoff(policy, 60, 1001) == 0ms);
}

TEST_CASE("a server says when to come back, in three ways", "[net]") {
  const std::chrono::system_clock::time_point now{std::chrono::seconds{784111777}};
  const auto asked = [now](std::string_view name, std::string_view value) {
    net::Headers headers;
    headers.add(name, value);
    return net::retry_after(headers, now);
  };

  CHECK(asked("Retry-After", "3") == 3s);
  CHECK(asked("Retry-After", "Sun, 06 Nov 1994 08:49:47 GMT") == 10s);
  CHECK(asked("Retry-After", "Sun, 06 Nov 1994 08:49:30 GMT") == 0s);
  CHECK(asked("x-amz-retry-after", "250") == 250ms);
  CHECK(asked("x-ms-retry-after-ms", "251") == 251ms);
  CHECK(asked("retry-after-ms", "252") == 252ms);
  CHECK_FALSE(asked("Retry-After", "soon").has_value());
}

}  // namespace
