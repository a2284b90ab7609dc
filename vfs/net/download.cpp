#include "vfs/net/download.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "vfs/crypto/checksum.hpp"
#include "vfs/net/text.hpp"

namespace cairn::vfs::net {
namespace {

Download::Fault bad_range(std::string message) {
  return {.error = {.code = "InvalidRangeResponse", .message = std::move(message)}, .retry = true};
}

}  // namespace

Download::Download(std::span<std::byte> destination, std::optional<std::uint64_t> start,
                   const Headers& headers, ChecksumType digest)
    : destination_(destination),
      start_(start.value_or(0)),
      ranged_(start.has_value()),
      if_match_(headers.get("if-match")),
      running_{.type = digest} {}

void Download::prepare(Request& request, Exchange& exchange) const {
  exchange.destination = destination_.subspan(received_);
  exchange.digest = running_.type;
  const std::uint64_t before = start_ + received_;
  exchange.skip_of_whole = before <= max_skip_ ? before : 0;
  if (ranged_ || received_ != 0) {
    request.headers.set(
        "range", fmt::format("bytes={}-{}", start_ + received_, start_ + destination_.size() - 1));
  } else {
    request.headers.remove("range");
  }
  const std::string& match = received_ != 0 ? etag_ : if_match_;
  if (match.empty()) {
    request.headers.remove("if-match");
  } else {
    request.headers.set("if-match", match);
  }
}

std::optional<Download::Fault> Download::take(const Response& response,
                                              std::optional<TransportFailure>& failure,
                                              const Reading& reading) {
  if (response.status < 200 || response.status >= 300) return {};
  const std::string etag = reading.version ? reading.version(response.headers)
                                           : std::string(response.headers.get("etag"));
  if (received_ != 0 && !etag.empty() && etag != etag_) {
    return Fault{.error = {.code = "PreconditionFailed",
                           .message = "the object was replaced while it was read"}};
  }
  if (auto fault = place(response, failure)) return fault;
  if (etag_.empty()) etag_ = etag;
  if (!checksum_ && reading.checksum) checksum_ = reading.checksum(response.headers);
  // Of a broken answer without an etag nothing is kept: the rest may be of another version.
  if (!failure || !etag_.empty()) keep(response);
  if (failure || is_intact()) return {};
  restart();
  return Fault{.error = {.code = "ChecksumMismatch",
                         .message = "the bytes that came do not have the checksum of the object"},
               .retry = true};
}

std::optional<Download::Fault> Download::place(const Response& response,
                                               std::optional<TransportFailure>& failure) {
  if (response.status == 206) return place_range(response, failure);
  // The whole object: its first bytes are what was asked for only if the range begins there.
  const std::uint64_t before = start_ + received_;
  if (before > max_skip_) return bad_range("the server ignored the range");
  if (response.skipped < before && response.received != 0) return bad_range("bytes are missing");
  object_size_ = parse_number(response.headers.get("content-length"));
  if (!object_size_ && !failure) object_size_ = response.skipped + response.received;
  const bool full = response.received == destination_.size() - received_;
  if (failure == TransportFailure::body_too_large && full) {
    failure.reset();
  }
  return {};
}

std::optional<Download::Fault> Download::place_range(
    const Response& response, const std::optional<TransportFailure>& failure) {
  const std::uint64_t first = start_ + received_;
  const std::uint64_t room = destination_.size() - received_;
  const auto range = parse_content_range(response.headers.get("content-range"));
  if (!range || range->first != first) {
    return bad_range("the server answered with another range than asked for");
  }
  if (failure == TransportFailure::body_too_large) {
    return bad_range("the server sent more than asked for");
  }
  if (range->size) object_size_ = range->size;
  if (failure) return {};
  const std::uint64_t expected =
      range->size ? std::min(room, *range->size - first) : range->last - first + 1;
  if (response.received == expected) return {};
  return bad_range(fmt::format("{} bytes came where {} were due", response.received, expected));
}

void Download::keep(const Response& response) {
  received_ += response.received;
  if (response.checksum && response.checksum->type == running_.type) {
    running_.value = crypto::checksum_combine(running_.type, running_.value,
                                              response.checksum->value, response.received);
  } else {
    running_.value = crypto::checksum(running_.type, destination_.first(received_));
  }
}

/// As far as it can be told: only the whole object has a checksum.
bool Download::is_intact() const {
  if (start_ != 0 || object_size_ != received_ || !checksum_) return true;
  if (checksum_->type == running_.type) return running_ == *checksum_;
  return crypto::checksum(checksum_->type, destination_.first(received_)) == checksum_->value;
}

void Download::restart() {
  etag_.clear();
  received_ = 0;
  running_.value = 0;
  object_size_.reset();
  checksum_.reset();
}

}  // namespace cairn::vfs::net
