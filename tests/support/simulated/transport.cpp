#include "tests/support/simulated/transport.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "vfs/crypto/checksum.hpp"

namespace cairn::test::sim {
namespace {

using vfs::net::TransportError;
using vfs::net::TransportFailure;

constexpr std::chrono::seconds kPatience{20};  // of the client's watchdog
constexpr std::string_view kGarbage = "<html><body>A gateway's page";

[[nodiscard]] vfs::net::Response as_response(const Reply& reply) {
  vfs::net::Response response{.status = reply.status};
  for (const auto& [name, value] : reply.headers) response.headers.add(name, value);
  return response;
}

std::optional<TransportFailure> failure_before(Fault fault) {
  switch (fault) {
    case Fault::refused:
      return TransportFailure::connect;
    case Fault::reset_before:
      return TransportFailure::receive;
    case Fault::broken_send:
      return TransportFailure::send;
    case Fault::stalled_before:
      return TransportFailure::stalled;
    case Fault::deadline_before:
      return TransportFailure::deadline;
    case Fault::cancelled_before:
      return TransportFailure::cancelled;
    default:
      return {};
  }
}

std::optional<TransportFailure> failure_after(Fault fault) {
  switch (fault) {
    case Fault::lost_answer:
      return TransportFailure::receive;
    case Fault::stalled_after:
      return TransportFailure::stalled;
    case Fault::deadline_after:
      return TransportFailure::deadline;
    case Fault::cancelled_after:
      return TransportFailure::cancelled;
    default:
      return {};
  }
}

bool asks_for_range(const vfs::net::Request& request) {
  return request.headers.find("range") || request.headers.find("x-ms-range");
}

/// At a small question to another host: what damages bytes unseen is left out (TLS sees it).
bool happens_anywhere(Fault fault) {
  constexpr std::array kFaults{
      Fault::refused,          Fault::reset_before,    Fault::stalled_before,
      Fault::stalled_after,    Fault::lost_answer,     Fault::cut_body,
      Fault::short_body,       Fault::deadline_before, Fault::deadline_after,
      Fault::cancelled_before, Fault::cancelled_after, Fault::status_408,
      Fault::status_429,       Fault::status_500,      Fault::status_502,
      Fault::status_503,       Fault::status_504,      Fault::garbage,
      Fault::garbage_after,    Fault::empty_after};
  return std::ranges::find(kFaults, fault) != kFaults.end();
}

std::string body_of(const vfs::net::Request& request) {
  std::string bytes;
  for (const auto& segment : request.body.segments()) {
    bytes.append(reinterpret_cast<const char*>(segment.bytes.data()), segment.bytes.size());
  }
  return bytes;
}

/// Of a message in parts, the last part without its headers; else all.
std::string_view data_of(std::string_view body) {
  if (!body.starts_with("--")) return body;
  const std::string_view delimiter = body.substr(0, body.find("\r\n"));
  const std::size_t end = body.rfind(std::string("\r\n") + std::string(delimiter));
  const std::size_t last = body.rfind(delimiter, std::min(end, body.size()));
  const std::size_t begin = body.find("\r\n\r\n", last) + 4;
  return end == body.npos || begin > end ? std::string_view{} : body.substr(begin, end - begin);
}

vfs::net::Request with_flipped_bit(const vfs::net::Request& request, std::uint64_t seed) {
  std::string bytes = body_of(request);
  const std::string_view data = data_of(bytes);
  const auto begin = static_cast<std::size_t>(data.data() - bytes.data());
  bytes[begin + seed % data.size()] ^= static_cast<char>(1U << (seed % 8));
  vfs::net::Request damaged = request;
  damaged.body = {};
  damaged.body.append_copy(vfs::as_bytes(bytes));
  return damaged;
}

}  // namespace

struct SimulatedTransport::Run {
  const vfs::net::Request& request;
  const vfs::net::Exchange& exchange;
  std::optional<Fault> fault{};
  Reply reply{};
  std::optional<TransportFailure> failure{};  // after what is left of the body
};

/// What the kind of the exchange alone says; the service says the rest.
bool SimulatedTransport::applies(Fault fault, const vfs::net::Request& request,
                                 const vfs::net::Exchange& exchange) const {
  if (is_elsewhere && is_elsewhere(request)) return happens_anywhere(fault);
  const bool data = request.method == "GET" && exchange.destination;
  switch (fault) {
    case Fault::broken_send:
      return request.body.size() > 0;
    case Fault::flipped_upload:
      return data_of(body_of(request)).size() > 0 && service_->knows(fault, request, exchange);
    case Fault::cut_body:
    case Fault::short_body:
      return data || service_->knows(fault, request, exchange);
    case Fault::flipped_download:
      return data;
    case Fault::wrong_range:
    case Fault::whole_for_range:
      return data && asks_for_range(request);
    default:
      return service_->knows(fault, request, exchange);
  }
}

/// A status without effect, in the words of the service or of what stands before it.
std::optional<Reply> SimulatedTransport::refusal_of(Fault fault) const {
  switch (fault) {
    case Fault::status_408:
      return Reply{.status = 408};
    case Fault::status_502:
      return Reply{.status = 502, .body = std::string(kGarbage)};
    case Fault::status_504:
    case Fault::status_504_after:
      return Reply{.status = 504, .body = std::string(kGarbage)};
    case Fault::garbage:
    case Fault::garbage_after:
      return Reply{.body = std::string(kGarbage)};
    case Fault::empty_after:
      return Reply{};
    case Fault::status_429:
    case Fault::status_500:
    case Fault::status_500_after:
    case Fault::status_503:
    case Fault::request_timeout:
    case Fault::conflict:
    case Fault::ok_error:
    case Fault::ok_error_after:
      return service_->refusal(fault);
    default:
      return {};
  }
}

vfs::net::Response SimulatedTransport::send(const vfs::net::Request& request,
                                            const vfs::net::Exchange& exchange) {
  const std::lock_guard lock(mutex_);
  if (exchange.stop.stop_requested()) {
    throw TransportError(TransportFailure::cancelled, "cancelled");
  }
  const std::size_t index = count_++;
  log_.push_back(request.method + " " + request.url.substr(request.url.find('/', 8)));
  Run run{.request = request, .exchange = exchange};
  const auto planned = plan_.faults.find(index);
  if (planned != plan_.faults.end() && applies(planned->second, request, exchange)) {
    run.fault = planned->second;
    ++applied_;
    if (service_->excuses_leftover(request)) ++excused_;
    log_.back() += "  <- " + std::string(name_of(*run.fault));
  }
  before(run);
  if (!run.failure && run.reply.status == 0) run.reply = serve(run);
  after(run);
  return deliver(run);
}

/// What keeps the request from being carried out. A reply of status 0: nothing does.
void SimulatedTransport::before(Run& run) {
  run.reply.status = 0;
  if (!run.fault) return;
  const Fault fault = *run.fault;
  if (fault == Fault::cancelled_before) plan_.stop.request_stop();
  if (fault == Fault::stalled_before) clock_->sleep(kPatience, {});
  change_world(fault);
  run.failure = failure_before(fault);
  if (run.failure) {
    throw TransportError(*run.failure, "simulated: " + std::string(name_of(fault)));
  }
  if (replaces_answer(fault)) return;
  if (auto refusal = refusal_of(fault)) run.reply = *std::move(refusal);
}

void SimulatedTransport::change_world(Fault fault) {
  if (fault == Fault::skewed) skew_ += std::chrono::hours{1};
  if (fault == Fault::replaced) service_->write_foreign(plan_.contended, plan_.foreign);
  service_->change(fault);
}

Reply SimulatedTransport::serve(const Run& run) {
  if (before_service) {
    if (auto reply = before_service(run.request, service_now())) return *std::move(reply);
  }
  if (run.fault == Fault::flipped_upload) {
    return service_->handle(with_flipped_bit(run.request, plan_.seed), service_now());
  }
  if (run.fault == Fault::resent) {
    static_cast<void>(service_->handle(run.request, service_now()));
  }
  Reply reply = service_->handle(run.request, service_now());
  if (run.fault == Fault::whole_for_range && reply.status == 206) {
    reply = service_->whole(run.request);
  }
  return reply;
}

void SimulatedTransport::after(Run& run) {
  if (!run.fault) return;
  const Fault fault = *run.fault;
  if (fault == Fault::cancelled_after) plan_.stop.request_stop();
  if (fault == Fault::stalled_after) clock_->sleep(kPatience, {});
  if (const auto failure = failure_after(fault)) {
    throw TransportError(*failure, "simulated: " + std::string(name_of(fault)));
  }
  // What the server refused for a reason of its own is not dressed up as a success.
  if (run.reply.status >= 300) return;
  if (replaces_answer(fault)) run.reply = *refusal_of(fault);
  change_answer(run);
}

void SimulatedTransport::change_answer(Run& run) {
  Reply& reply = run.reply;
  switch (*run.fault) {
    case Fault::cut_body:
      reply.body.resize(plan_.seed % std::max<std::size_t>(reply.body.size(), 1));
      run.failure = TransportFailure::partial_body;
      break;
    case Fault::short_body:
      reply.body.resize(plan_.seed % std::max<std::size_t>(reply.body.size(), 1));
      reply.set("Content-Length", std::to_string(reply.body.size()));
      break;
    case Fault::flipped_download:
      if (!reply.body.empty()) {
        reply.body[plan_.seed % reply.body.size()] ^= static_cast<char>(1U << (plan_.seed % 8));
      }
      break;
    case Fault::wrong_range: {
      const std::string* range = reply.find("Content-Range");
      if (range == nullptr) break;
      // "bytes 300-1299/2500" becomes "bytes 299-1298/2500"; from 0 it goes up.
      const std::size_t dash = range->find('-');
      const auto first = std::stoll(range->substr(6, dash - 6));
      const auto last = std::stoll(range->substr(dash + 1));
      const int shift = first == 0 ? 1 : -1;
      reply.set("Content-Range", "bytes " + std::to_string(first + shift) + "-" +
                                     std::to_string(last + shift) +
                                     range->substr(range->find('/')));
      std::ranges::rotate(reply.body, reply.body.begin() + std::ssize(reply.body) / 2);
      break;
    }
    case Fault::missing_etag:
      service_->remove_version(reply);
      break;
    default:
      break;
  }
}

/// A successful body goes to the caller's memory, as far as there is room.
vfs::net::Response SimulatedTransport::deliver(Run& run) const {
  vfs::net::Response response = as_response(run.reply);
  response.resent = run.fault == Fault::resent;
  const auto& destination = run.exchange.destination;
  if (destination && run.reply.status / 100 == 2) {
    response.received = std::min(run.reply.body.size(), destination->size());
    std::memcpy(destination->data(), run.reply.body.data(), response.received);
    if (const auto type = run.exchange.digest) {
      response.checksum = {
          *type, vfs::crypto::checksum(*type, destination->first(response.received))};
    }
    if (response.received < run.reply.body.size()) run.failure = TransportFailure::body_too_large;
  } else {
    response.body = run.reply.body;
  }
  if (!run.failure) return response;
  throw TransportError(*run.failure, "simulated: the body ended early", std::move(response));
}

}  // namespace cairn::test::sim
