#include "vfs/net/client.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include "vfs/net/endpoint.hpp"
#include "vfs/net/text.hpp"

namespace cairn::vfs::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// So many bytes of one object make a broken download count as having moved on.
constexpr std::uint64_t kProgressBytes = 1U << 20U;
constexpr int kMaxRecoveries = 2;
constexpr int kMaxDistrusted = 3;
// A clock that is further off makes signatures invalid (AWS, MinIO and others: 15 minutes).
constexpr std::chrono::minutes kPlausibleSkew{10};

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
  std::optional<Download> download{};
  std::uint64_t received_at_start{0};
  int failures{0};  // since there was progress
  int recoveries{0};
  int distrusted{0};  // answers that this side found wrong
  int tokens{0};      // that the last retry took
  int clock_corrections{0};
  Verdict verdict{};
  std::shared_ptr<Endpoint> endpoint{};  // of the last attempt
  steady_clock::time_point start{};      // of the time budget

  [[nodiscard]] std::uint64_t received() const { return download ? download->received() : 0; }
};

Client::Client(Services services, Protocol protocol)
    : services_(std::move(services)), protocol_(std::move(protocol)) {
  if (!services_.endpoints) {
    services_.endpoints = std::make_shared<Endpoints>(services_.config.retry.tokens,
                                                      services_.config.http.max_connections);
  }
}

Outcome Client::send(Call call) {
  Outcome outcome;
  Progress progress;
  progress.start = services_.clock->steady_now();
  if (call.destination) {
    progress.download.emplace(*call.destination, call.range_start, call.request.headers,
                              call.digest);
    progress.download->allow_skip(call.max_skip);
  }
  for (;;) {
    outcome.response = {};
    outcome.error.reset();
    outcome.failure.reset();
    ++outcome.attempts;
    const auto began = services_.clock->steady_now();
    attempt(call, progress, outcome);
    const auto ended = services_.clock->steady_now();
    report(call, call.request, outcome,
           std::chrono::duration_cast<std::chrono::microseconds>(ended - began));
    if (outcome.ok()) break;
    if (corrected(call, outcome, progress)) continue;
    if (!progress.verdict.retry || !affordable(progress, outcome)) break;
    if (!wait(call, outcome, progress)) break;
    outcome.earlier_may_have_happened |= progress.verdict.may_have_happened;
    if (!call.before_retry) continue;
    if (auto answer = call.before_retry(call.request)) {
      outcome.response = *std::move(answer);
      outcome.error.reset();
      outcome.failure.reset();
      break;
    }
  }
  if (outcome.ok() && progress.endpoint) {
    progress.endpoint->retries.give_back(std::max(progress.tokens, RetryTokens::kSuccess));
  }
  if (progress.download) {
    outcome.response.received = progress.download->received();
    outcome.response.checksum = progress.download->checksum();
  }
  return outcome;
}

void Client::attempt(Call& call, Progress& progress, Outcome& outcome) {
  Exchange exchange{.stop = call.options.stop,
                    .deadline = call.options.deadline,
                    .response_patience = call.response_patience};
  if (call.attempt_timeout) {
    const auto end = steady_clock::now() + *call.attempt_timeout;
    exchange.deadline = std::min(end, exchange.deadline.value_or(end));
  }
  if (progress.download) progress.download->prepare(call.request, exchange);
  const auto exchange_deadline = exchange.deadline;
  try {
    protocol_.sign(call.request, call.target, server_now(), call.options);
    this->exchange(call, std::move(exchange), progress, outcome);
  } catch (const TransportError& error) {
    outcome.response = error.response();
    const bool own_deadline =
        error.failure() == TransportFailure::deadline && exchange_deadline != call.options.deadline;
    outcome.failure =
        Failure{own_deadline ? TransportFailure::stalled : error.failure(), error.what()};
    progress.verdict = judge(outcome.failure->kind);
  }
  if (!outcome.failure) {
    outcome.error = protocol_.examine(call.request, outcome.response);
    if (outcome.error) progress.verdict = judge(outcome.response.status, outcome.error->code);
    if (outcome.error && !call.retry_conflict &&
        outcome.error->code == "ConditionalRequestConflict") {
      progress.verdict.retry = false;
    }
  }
  outcome.earlier_may_have_happened |= outcome.response.resent;
  outcome.request_id = outcome.response.headers.get(protocol_.request_id_header);
  if (progress.download && !outcome.error) take_body(call, progress, outcome);
}

/// Waits until the endpoint bears one more request, and learns from how it went.
void Client::exchange(const Call& call, Exchange exchange, Progress& progress, Outcome& outcome) {
  progress.endpoint = services_.endpoints->of(call.request.url);
  Throttle& throttle = progress.endpoint->throttle;
  if (!throttle.enter(exchange.stop, exchange.deadline)) {
    if (exchange.stop.stop_requested()) {
      throw TransportError(TransportFailure::cancelled, "cancelled");
    }
    throw TransportError(TransportFailure::deadline,
                         "the deadline has passed while the server bore no more requests");
  }
  const auto began = services_.clock->steady_now();
  const auto leave = [&](Throttle::Answer answer) {
    throttle.leave(answer, began, services_.clock->steady_now());
  };
  try {
    outcome.response = services_.transport->send(call.request, exchange);
  } catch (...) {
    leave(Throttle::Answer::other);
    throw;
  }
  const int status = outcome.response.status;
  leave(status == 503 || status == 429  ? Throttle::Answer::slow_down
        : status >= 200 && status < 300 ? Throttle::Answer::carried_out
                                        : Throttle::Answer::other);
}

void Client::take_body(const Call& call, Progress& progress, Outcome& outcome) const {
  std::optional<TransportFailure> failure;
  if (outcome.failure) failure = outcome.failure->kind;
  auto fault =
      progress.download->take(outcome.response, failure, {protocol_.checksum, protocol_.version});
  if (!failure) outcome.failure.reset();
  if (!fault) return;
  outcome.failure.reset();
  outcome.error = std::move(fault->error);
  progress.verdict = {.retry = fault->retry && ++progress.distrusted <= kMaxDistrusted};
  if (services_.config.log) {
    services_.config.log(LogLevel::warning,
                         fmt::format("{} {}: {}", call.operation, redact_url(call.request.url),
                                     outcome.error->message));
  }
}

/// While a service is down for everybody, not each call tries as often as it may.
bool Client::affordable(Progress& progress, const Outcome& outcome) const {
  if (!progress.endpoint) return true;
  const bool timeout = outcome.failure && (outcome.failure->kind == TransportFailure::stalled ||
                                           outcome.failure->kind == TransportFailure::connect);
  progress.tokens = timeout ? RetryTokens::kRetryAfterTimeout : RetryTokens::kRetry;
  if (progress.endpoint->retries.take(progress.tokens)) return true;
  if (services_.config.log) {
    services_.config.log(LogLevel::warning,
                         "not tried again: too many requests to this host have failed lately");
  }
  return false;
}

bool Client::corrected(const Call& call, Outcome& outcome, Progress& progress) {
  if (!outcome.error) return false;
  // The answer to a HEAD has no body to say why, and Azure has one code for all that is wrong with
  // a signature: a clock that is far off is a likely reason.
  const auto date = parse_http_date(outcome.response.headers.get("date"));
  const std::string& code = outcome.error->code;
  const bool bare =
      outcome.response.status == 403 && (code.empty() || code == "AuthenticationFailed");
  const bool off = date && std::chrono::abs(*date - server_now()) > kPlausibleSkew;
  const bool skewed = code == "RequestTimeTooSkewed" || (bare && off);
  if (skewed && clock_corrected(outcome, progress)) return true;
  if (progress.recoveries >= kMaxRecoveries || !protocol_.recover) return false;
  if (!protocol_.recover(*outcome.error, call.request, outcome.response, call.options)) {
    return false;
  }
  ++progress.recoveries;
  return true;
}

/// Once; a second time only if the server's clock is another than the first answer said.
bool Client::clock_corrected(const Outcome& outcome, Progress& progress) {
  constexpr std::int64_t kSameClock = 60;  // seconds
  const auto date = parse_http_date(outcome.response.headers.get("date"));
  if (!date || progress.clock_corrections == kMaxRecoveries) return false;
  const std::int64_t offset =
      std::chrono::round<std::chrono::seconds>(*date - services_.clock->now()).count();
  const std::int64_t before = clock_offset_seconds_.exchange(offset);
  if (progress.clock_corrections != 0 && std::abs(offset - before) < kSameClock) return false;
  ++progress.clock_corrections;
  if (services_.config.log) {
    services_.config.log(LogLevel::warning,
                         fmt::format("this machine's clock is {} s off the server's", -offset));
  }
  return true;
}

bool Client::wait(const Call& call, Outcome& outcome, Progress& progress) {
  const RetryPolicy& policy = services_.config.retry;
  const auto now = services_.clock->steady_now();
  if (progress.received() >= progress.received_at_start + kProgressBytes) {
    progress.received_at_start = progress.received();
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
