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
#include "vfs/net/retry.hpp"
#include "vfs/net/transport.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs::net {

/// What a service says about a request that it did not carry out.
struct ServiceError {
  std::string code{};  ///< "NoSuchKey"; empty if it gave none
  std::string message{};
  std::string region{};  ///< of the bucket, where the service names it
};

/// What differs between services. All functions must be safe from many threads.
struct Protocol {
  /// Makes the URL from the call's target and signs, anew for each attempt: host, time and
  /// credentials may have changed.
  std::function<void(Request&, std::string_view target, TimePoint now)> sign{};
  /// What went wrong, given any response; absent: success. Sees also 2xx responses, whose body may
  /// hold an error.
  std::function<std::optional<ServiceError>(const Request&, const Response&)> examine{};
  /// Takes away the cause (another region, new credentials) and says whether to try again. Called
  /// at most twice per call.
  std::function<bool(const ServiceError&, const Response&)> recover{};
  std::string request_id_header{};
};

/// One logical request, which may take several attempts.
struct Call {
  std::string operation{};  ///< for messages and events: "read", "put_part"
  std::string target{};     ///< encoded path and query, what follows the endpoint
  Request request{};        ///< unsigned, without a URL
  /// Where the body goes. With `range_start` it is asked for as a range and resumed after a break.
  std::optional<std::span<std::byte>> destination{};
  std::optional<std::uint64_t> range_start{};
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

  /// Never throws for what the service or the network do: see Outcome.
  [[nodiscard]] Outcome send(Call call);
  [[nodiscard]] const Services& services() const { return services_; }

 private:
  struct Progress;
  void attempt(const Call& call, Request& request, Progress& progress, Outcome& outcome);
  static void check_range(const Call& call, Progress& progress, Outcome& outcome);
  [[nodiscard]] bool corrected(Outcome& outcome, Progress& progress);
  [[nodiscard]] bool wait(const Call& call, Outcome& outcome, Progress& progress);
  void report(const Call& call, const Request& request, const Outcome& outcome,
              std::chrono::microseconds duration) const;
  [[nodiscard]] TimePoint server_now() const;

  Services services_;
  Protocol protocol_;
  std::atomic<std::int64_t> clock_offset_seconds_{0};  // the server's clock minus ours
};

}  // namespace cairn::vfs::net
