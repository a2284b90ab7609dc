#include "vfs/net/client.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include "vfs/net/text.hpp"

namespace cairn::vfs::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// So many bytes of one object make a broken download count as having moved on.
constexpr std::uint64_t kProgressBytes = 1U << 20U;
constexpr int kMaxRecoveries = 2;

std::string describe(const Outcome& outcome) {
  if (outcome.failure) return outcome.failure->message;
  if (!outcome.error) return {};
  return fmt::format("{} {} {}", outcome.response.status, outcome.error->code,
                     outcome.error->message);
}

void give_up(Outcome& outcome, TransportFailure kind, std::string_view why) {
  outcome.failure = Failure{kind, fmt::format("{}, after: {}", why, describe(outcome))};
  outcome.error.reset();
}

}  // namespace

/// What the attempts of one call have in common.
struct Client::Progress {
  std::uint64_t received{0};  // bytes of the destination that are right
  std::uint64_t received_at_start{0};
  std::string etag{};  // of the first answer: what a resumed download must match
  int failures{0};     // since there was progress
  int recoveries{0};
  bool clock_corrected{false};
  Verdict verdict{};
  steady_clock::time_point start{};  // of the time budget
};

Client::Client(Services services, Protocol protocol)
    : services_(std::move(services)), protocol_(std::move(protocol)) {}

Outcome Client::send(Call call) {
  Outcome outcome;
  Progress progress;
  progress.start = services_.clock->steady_now();
  for (;;) {
    Request& request = call.request;
    outcome.response = {};
    outcome.error.reset();
    outcome.failure.reset();
    ++outcome.attempts;
    const auto began = services_.clock->steady_now();
    attempt(call, request, progress, outcome);
    const auto ended = services_.clock->steady_now();
    report(call, request, outcome,
           std::chrono::duration_cast<std::chrono::microseconds>(ended - began));
    if (outcome.ok()) break;
    if (corrected(outcome, progress)) continue;
    if (!progress.verdict.retry || !wait(call, outcome, progress)) break;
    outcome.earlier_may_have_happened |= progress.verdict.may_have_happened;
  }
  outcome.response.received = progress.received;
  return outcome;
}

void Client::attempt(const Call& call, Request& request, Progress& progress, Outcome& outcome) {
  Exchange exchange{.stop = call.options.stop, .deadline = call.options.deadline};
  if (call.destination) exchange.destination = call.destination->subspan(progress.received);
  if (call.range_start) {
    const std::uint64_t first = *call.range_start + progress.received;
    const std::uint64_t last = *call.range_start + call.destination->size() - 1;
    request.headers.set("range", fmt::format("bytes={}-{}", first, last));
    if (progress.received != 0) request.headers.set("if-match", progress.etag);
  }
  try {
    protocol_.sign(request, call.target, server_now());
    outcome.response = services_.transport->send(request, exchange);
  } catch (const TransportError& error) {
    outcome.response = error.response();
    outcome.failure = Failure{error.failure(), error.what()};
    progress.verdict = judge(error.failure());
  }
  if (!outcome.failure) {
    outcome.error = protocol_.examine(request, outcome.response);
    if (outcome.error) progress.verdict = judge(outcome.response.status, outcome.error->code);
  }
  outcome.request_id = outcome.response.headers.get(protocol_.request_id_header);
  if (call.range_start) check_range(call, progress, outcome);
  if (!call.destination || outcome.error) return;
  const bool misplaced = outcome.failure && outcome.response.status != 206;
  if (outcome.failure && (misplaced || !call.range_start)) return;
  if (progress.etag.empty()) progress.etag = outcome.response.headers.get("etag");
  // Without an etag, what comes later may be of another version: start again.
  if (!outcome.failure || !progress.etag.empty()) progress.received += outcome.response.received;
}

void Client::check_range(const Call& call, Progress& progress, Outcome& outcome) {
  const int status = outcome.response.status;
  if (outcome.error || status < 200 || status >= 300) return;
  const std::uint64_t first = *call.range_start + progress.received;
  const std::uint64_t room = call.destination->size() - progress.received;
  const auto fail = [&](std::string message, Verdict verdict) {
    outcome.error = ServiceError{.code = "InvalidRangeResponse", .message = std::move(message)};
    outcome.failure.reset();
    progress.verdict = verdict;
  };
  if (status != 206) {
    // The whole object: its first bytes are what was asked for only if the range begins there.
    const bool too_large =
        outcome.failure && outcome.failure->kind == TransportFailure::body_too_large;
    if (first != 0) return fail("the server ignored the range", {});
    if (too_large && outcome.response.received == room) outcome.failure.reset();
    return;
  }
  const auto range = parse_content_range(outcome.response.headers.get("content-range"));
  if (!range || range->first != first) {
    return fail("the server answered with another range than asked for", {.retry = true});
  }
  if (outcome.failure) return;
  const std::uint64_t expected =
      range->size ? std::min(room, *range->size - first) : range->last - first + 1;
  if (outcome.response.received != expected) {
    fail(fmt::format("{} bytes came where {} were due", outcome.response.received, expected),
         {.retry = true});
  }
}

bool Client::corrected(Outcome& outcome, Progress& progress) {
  if (!outcome.error) return false;
  const bool skewed = outcome.error->code == "RequestTimeTooSkewed";
  const auto date = parse_http_date(outcome.response.headers.get("date"));
  if (skewed && date && !progress.clock_corrected) {
    progress.clock_corrected = true;
    const auto offset =
        std::chrono::round<std::chrono::seconds>(*date - services_.clock->now()).count();
    clock_offset_seconds_.store(offset);
    if (services_.config.log) {
      services_.config.log(LogLevel::warning,
                           fmt::format("this machine's clock is {} s off the server's", -offset));
    }
    return true;
  }
  if (progress.recoveries >= kMaxRecoveries || !protocol_.recover) return false;
  if (!protocol_.recover(*outcome.error, outcome.response)) return false;
  ++progress.recoveries;
  return true;
}

bool Client::wait(const Call& call, Outcome& outcome, Progress& progress) {
  const RetryPolicy& policy = services_.config.retry;
  const auto now = services_.clock->steady_now();
  if (progress.received - progress.received_at_start >= kProgressBytes) {
    progress.received_at_start = progress.received;
    progress.failures = 0;
    progress.start = now;
  }
  ++progress.failures;
  if (progress.failures >= policy.max_attempts) return false;
  milliseconds delay = backoff(policy, progress.failures, services_.random->next());
  if (const auto asked = retry_after(outcome.response.headers, services_.clock->now())) {
    delay = std::max(delay, *asked);
  }
  if (now + delay - progress.start > policy.budget) return false;
  if (call.options.deadline && now + delay >= *call.options.deadline) {
    give_up(outcome, TransportFailure::deadline, "the deadline leaves no time to try again");
    return false;
  }
  services_.clock->sleep(delay, call.options.stop);
  if (!call.options.stop.stop_requested()) return true;
  give_up(outcome, TransportFailure::cancelled, "cancelled");
  return false;
}

void Client::report(const Call& call, const Request& request, const Outcome& outcome,
                    std::chrono::microseconds duration) const {
  const Config& config = services_.config;
  if (!config.observer && !config.log) return;
  const std::string url = redact_url(request.url);
  const std::string error = describe(outcome);
  const Response& response = outcome.response;
  const RequestEvent event{.operation = call.operation,
                           .method = request.method,
                           .url = url,
                           .status = response.status,
                           .attempt = outcome.attempts,
                           .bytes_sent = request.body.size(),
                           .bytes_received = response.received + response.body.size(),
                           .duration = duration,
                           .request_id = outcome.request_id,
                           .error = error};
  if (config.observer) config.observer->on_request(event);
  if (config.log) {
    config.log(
        LogLevel::debug,
        fmt::format("{} {} {} -> {} attempt {}, {} us, sent {}, received {}{}{}", event.operation,
                    event.method, event.url, event.status, event.attempt, event.duration.count(),
                    event.bytes_sent, event.bytes_received, error.empty() ? "" : ": ", error));
  }
}

TimePoint Client::server_now() const {
  return services_.clock->now() + std::chrono::seconds{clock_offset_seconds_.load()};
}

}  // namespace cairn::vfs::net
