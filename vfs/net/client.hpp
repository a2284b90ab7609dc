// The one retry loop, below every store: signs each attempt anew, waits, resumes, corrects the
// clock, reports.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "vfs/base/services.hpp"
#include "vfs/net/download.hpp"
#include "vfs/net/retry.hpp"
#include "vfs/net/transport.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs::net {

/// What differs between services. All functions must be safe from many threads.
struct Protocol {
  /// Makes the URL from the call's target and signs, anew for each attempt: host, time and
  /// credentials may have changed. May wait for credentials, as long as the options allow.
  std::function<void(Request&, std::string_view target, TimePoint now, const CallOptions&)> sign{};
  /// What went wrong, given any response; absent: success. Sees also 2xx responses, whose body may
  /// hold an error.
  std::function<std::optional<ServiceError>(const Request&, const Response&)> examine{};
  /// Takes away the cause (another region, new credentials), unless another call has done so since
  /// the request was signed, and says whether to try again. Called at most twice per call.
  std::function<bool(const ServiceError&, const Request&, const Response&, const CallOptions&)>
      recover{};
  /// The checksum of the whole object, if the headers of an answer hold one.
  Download::ReadChecksum checksum{};
  /// What tells the content of an answer from another version's; absent: its ETag. Reads are pinned
  /// to it by the header If-Match, which `sign` may put in other words.
  Download::ReadVersion version{};
  std::string request_id_header{};
};

/// One logical request, which may take several attempts.
struct Call {
  std::string operation{};  ///< for messages and events: "read", "put_part"
  std::string target{};     ///< encoded path and query, what follows the endpoint
  Request request{};        ///< unsigned, without a URL
  /// Where the body goes: the whole object, or what follows `range_start`. Resumed after a break.
  std::optional<std::span<std::byte>> destination{};
  std::optional<std::uint64_t> range_start{};
  /// Computed of the body on its way there: the type that the service keeps of its objects.
  ChecksumType digest{ChecksumType::crc32c};
  /// How much may be read in vain before it, from a server that ignores ranges.
  std::uint64_t max_skip{0};
  /// False: a 409 ConditionalRequestConflict is final, because more than this request has to be
  /// sent again.
  bool retry_conflict{true};
  /// Called before each retry, and may change the request: where the service goes on from what it
  /// has, it is asked where that is. An answer ends the call as a success.
  std::function<std::optional<Response>(Request&)> before_retry{};
  /// How long the service may think about it; absent: as long as about anything else.
  std::optional<std::chrono::milliseconds> response_patience{};
  /// Of each attempt, where an answer comes soon or never; absent: only the watchdog's.
  std::optional<std::chrono::milliseconds> attempt_timeout{};
  CallOptions options{};
};

struct Failure {
  TransportFailure kind{TransportFailure::other};
  std::string message{};
};

/// How a call ended. Exactly one of: success (ok()), an error of the service, a failure of the
/// transport.
struct Outcome {
  Response response{};
  std::optional<ServiceError> error{};
  std::optional<Failure> failure{};
  int attempts{0};
  /// Some attempt before the last answer may have been carried out.
  bool earlier_may_have_happened{false};
  std::string request_id{};

  [[nodiscard]] bool ok() const { return !error && !failure; }
};

/// Thread-safe.
class Client {
 public:
  Client(Services services, Protocol protocol);

  /// Never throws for what the service or the network do: see Outcome. Throws what signing throws.
  [[nodiscard]] Outcome send(Call call);
  [[nodiscard]] const Services& services() const { return services_; }
  /// The time by the server's clock, as far as its answers told: by which signatures count.
  [[nodiscard]] TimePoint server_now() const;

 private:
  struct Progress;
  void attempt(Call& call, Progress& progress, Outcome& outcome);
  void exchange(const Call& call, Exchange exchange, Progress& progress, Outcome& outcome);
  void take_body(const Call& call, Progress& progress, Outcome& outcome) const;
  [[nodiscard]] bool corrected(const Call& call, Outcome& outcome, Progress& progress);
  [[nodiscard]] bool clock_corrected(const Outcome& outcome, Progress& progress);
  [[nodiscard]] bool affordable(Progress& progress, const Outcome& outcome) const;
  [[nodiscard]] bool wait(const Call& call, Outcome& outcome, Progress& progress);
  void report(const Call& call, const Request& request, const Outcome& outcome,
              std::chrono::microseconds duration) const;

  Services services_;
  Protocol protocol_;
  std::atomic<std::int64_t> clock_offset_seconds_{0};  // the server's clock minus ours
};

}  // namespace cairn::vfs::net
