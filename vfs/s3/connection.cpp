#include "vfs/s3/connection.hpp"

#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "vfs/crypto/digest.hpp"
#include "vfs/crypto/encoding.hpp"
#include "vfs/net/text.hpp"
#include "vfs/s3/parse.hpp"

namespace cairn::vfs::s3 {

Connection::Connection(std::string scheme, std::string_view bucket, Services services)
    : scheme_(std::move(scheme)),
      services_(std::move(services)),
      variables_(services_.config.environment),
      files_(load_profile_files(services_.config.s3, variables_)),
      config_(resolve_bucket(bucket, services_.config, variables_, files_)),
      region_(config_.region),
      client_(services_, protocol()) {}

net::Protocol Connection::protocol() {
  return {
      .sign = [this](net::Request& request, std::string_view target,
                     TimePoint now) { sign(request, target, now); },
      .examine = &examine,
      .recover = [this](const net::ServiceError& error,
                        const net::Response& response) { return recover(error, response); },
      .checksum = &parse_checksum,
      .request_id_header = "x-amz-request-id",
  };
}

net::Outcome Connection::send(net::Call call, const Path& path) {
  need_credentials(call.operation, path);
  net::Outcome outcome = client_.send(std::move(call));
  if (outcome.ok()) proven_.store(true, std::memory_order_relaxed);
  return outcome;
}

net::Response Connection::require(net::Call call, const Path& path) {
  const std::string operation = call.operation;
  net::Outcome outcome = send(std::move(call), path);
  if (!outcome.ok()) fail(operation, path, outcome);
  return std::move(outcome.response);
}

void Connection::fail(std::string_view operation, const Path& path, const net::Outcome& outcome,
                      Condition condition) const {
  throw make_error({.operation = operation, .url = url(path), .condition = condition}, outcome,
                   config_);
}

void Connection::fail(std::string_view operation, const Path& path, ErrorCode code,
                      std::string message, std::string hint) const {
  throw Error(code, {.operation = std::string(operation),
                     .url = url(path),
                     .message = std::move(message),
                     .hint = std::move(hint)});
}

std::string Connection::url(const Path& path) const {
  return fmt::format("{}://{}/{}", scheme_, config_.bucket, path.string());
}

void Connection::sign(net::Request& request, std::string_view target, TimePoint now) {
  std::unique_lock lock(mutex_);
  const std::string region = region_;
  const std::optional<Credentials> credentials = credentials_;
  lock.unlock();
  request.url = base_url(config_, region).append(target);
  if (!credentials) return;  // anonymous
  if (config_.sign_payload && !request.headers.find("x-amz-content-sha256")) {
    request.headers.set("x-amz-content-sha256", crypto::hex(crypto::sha256(request.body)));
  }
  if (!request.headers.find("x-amz-content-sha256")) {
    request.headers.set("x-amz-content-sha256", kUnsignedPayload);
  }
  signer_.sign(request, *credentials, region, now);
}

bool Connection::recover(const net::ServiceError& error, const net::Response& response) {
  const int status = response.status;
  if (error.code == "ExpiredToken" || error.code == "InvalidToken" || status == 401) {
    return refresh_credentials();
  }
  const bool elsewhere = status == 301 || status == 307 ||
                         error.code == "AuthorizationHeaderMalformed" ||
                         error.code == "IllegalLocationConstraintException";
  // The answer to a HEAD has no body to name the code or the region.
  const bool bare = status == 400 && error.code.empty() && response.body.empty();
  if (!elsewhere && !bare) return false;
  return change_region(error.region.empty() ? ask_for_region() : error.region);
}

bool Connection::change_region(std::string region) {
  if (!is_region(region)) return false;
  const std::lock_guard lock(mutex_);
  if (region == region_) return false;
  region_ = std::move(region);
  return true;
}

std::string Connection::ask_for_region() {
  net::Request request;
  sign(request, "/?location=", services_.clock->now());
  const net::Exchange exchange{.deadline = std::chrono::steady_clock::now() +
                                           services_.config.http.connect_timeout};
  try {
    const net::Response response = services_.transport->send(request, exchange);
    if (const auto error = examine(request, response)) return error->region;
    return std::string(response.headers.get("x-amz-bucket-region"));
  } catch (const net::TransportError&) {
    return {};  // the first error stands
  }
}

bool Connection::refresh_credentials() {
  const CredentialSearch found = search_credentials();
  const std::lock_guard lock(mutex_);
  if (!found.credentials || found.credentials == credentials_) return false;
  credentials_ = found.credentials;
  return true;
}

CredentialSearch Connection::search_credentials() const {
  const S3Options& options = services_.config.s3;
  return find_credentials(options, variables_, load_profile_files(options, variables_));
}

void Connection::need_credentials(std::string_view operation, const Path& path) {
  if (config_.anonymous) return;
  {
    const std::lock_guard lock(mutex_);
    if (credentials_) return;
  }
  const CredentialSearch found = search_credentials();
  if (!found.credentials) {
    fail(
        operation, path, ErrorCode::unauthenticated,
        fmt::format("there are no credentials. Looked at: {}", fmt::join(found.looked_at, "; ")),
        "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or S3Options::anonymous for public data");
  }
  const std::lock_guard lock(mutex_);
  if (!credentials_) credentials_ = found.credentials;
}

}  // namespace cairn::vfs::s3
