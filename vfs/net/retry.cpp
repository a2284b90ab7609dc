#include "vfs/net/retry.hpp"

#include <algorithm>
#include <array>

#include "vfs/net/text.hpp"

namespace cairn::vfs::net {
namespace {

// Codes that services send with a 4xx status (or in a 200) though trying again is right.
constexpr std::array<std::string_view, 20> kTransientCodes{
    "BadDigest",  // the bytes were damaged on their way up: they are sent again
    "BandwidthLimitExceeded",
    "ConditionalRequestConflict",
    "Crc64Mismatch",          // Azure's BadDigest
    "IDPCommunicationError",  // STS, about the provider of a web identity
    "InternalError",
    "Md5Mismatch",  // Azure's, too
    "OperationAborted",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestTimeout",
    "RequestTimeoutException",
    "ServiceUnavailable",
    "SlowDown",
    "TooManyRequestsException",
    "TransactionInProgressException",
    "XAmzContentChecksumMismatch",  // MinIO's BadDigest
    "XAmzContentSHA256Mismatch",
};

}  // namespace

Verdict judge(TransportFailure failure) {
  switch (failure) {
    case TransportFailure::connect:
    case TransportFailure::resolve:
      return {.retry = true, .may_have_happened = false};
    case TransportFailure::send:
    case TransportFailure::receive:
    case TransportFailure::partial_body:
    case TransportFailure::stalled:
    case TransportFailure::other:
      return {.retry = true, .may_have_happened = true};
    case TransportFailure::body_too_large:
    case TransportFailure::deadline:
    case TransportFailure::cancelled:
      return {.retry = false, .may_have_happened = true};
    case TransportFailure::tls:  // a certificate does not become right by asking again
    case TransportFailure::proxy:
    case TransportFailure::refused:
      return {};
  }
  return {};
}

Verdict judge(int status, std::string_view code) {
  const bool transient = std::ranges::find(kTransientCodes, code) != kTransientCodes.end() ||
                         code.starts_with("Throttling");
  if (transient) return {.retry = true, .may_have_happened = true};
  switch (status) {
    case 408:
    case 429:  // mostly said before anything is done, but a gateway may say it after that, too
    case 500:
    case 502:
    case 503:
    case 504:
      return {.retry = true, .may_have_happened = true};
    default:
      break;
  }
  // A 200 whose body says that it failed, or that nobody understands.
  if (status >= 200 && status < 300) {
    return {.retry = code.empty() || code == "MalformedResponse", .may_have_happened = true};
  }
  return {.retry = false, .may_have_happened = status > 500};
}

std::chrono::milliseconds backoff(const RetryPolicy& policy, int failures, std::uint64_t random) {
  const int doublings = std::clamp(failures - 1, 0, 30);
  const auto base =
      static_cast<std::uint64_t>(std::max<std::int64_t>(policy.base_delay.count(), 0));
  const auto limit =
      static_cast<std::uint64_t>(std::max<std::int64_t>(policy.max_delay.count(), 0));
  const std::uint64_t ceiling = std::min(limit, base << static_cast<unsigned>(doublings));
  return std::chrono::milliseconds{random % (ceiling + 1)};
}

std::optional<std::chrono::milliseconds> retry_after(const Headers& headers,
                                                     std::chrono::system_clock::time_point now) {
  using std::chrono::milliseconds;
  constexpr std::uint64_t kMaxSeconds = 24ULL * 3600;
  for (const char* name : {"x-amz-retry-after", "x-ms-retry-after-ms", "retry-after-ms"}) {
    if (const auto number = parse_number(headers.get(name))) {
      return milliseconds{std::min(*number, kMaxSeconds * 1000)};
    }
  }
  const std::string_view value = headers.get("retry-after");
  if (const auto seconds = parse_number(value)) {
    return milliseconds{std::min(*seconds, kMaxSeconds) * 1000};
  }
  if (const auto date = parse_http_date(value)) {
    return std::max(milliseconds{0}, std::chrono::duration_cast<milliseconds>(*date - now));
  }
  return {};
}

}  // namespace cairn::vfs::net
