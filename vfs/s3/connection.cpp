#include "vfs/s3/connection.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "vfs/crypto/digest.hpp"
#include "vfs/crypto/encoding.hpp"
#include "vfs/net/text.hpp"
#include "vfs/s3/errors.hpp"
#include "vfs/s3/object_options.hpp"
#include "vfs/s3/parse.hpp"

namespace cairn::vfs::s3 {

namespace {

// Where the bucket is. Unlike that to a HEAD, its answer has a body, which names what is wrong.
constexpr const char* kQuestion = "/?location=";

BucketConfig configure(std::string_view bucket, const Config& config) {
  const Variables variables(config.environment);
  return resolve_bucket(bucket, config, variables, load_profile_files(config.s3, variables));
}

bool refuses_token(const net::ServiceError& error) {
  return error.code == "ExpiredToken" || error.code == "InvalidToken";
}

}  // namespace

Connection::Connection(const std::string& scheme, std::string_view bucket, const Services& services)
    : Connection(scheme, configure(bucket, services.config), services) {}

Connection::Connection(const std::string& scheme, const BucketConfig& config,
                       const Services& services)
    : net::Connection(fmt::format("{}://{}", scheme, config.bucket), services, protocol(this),
                      error_rules(config)),
      config_(config),
      credentials_(config.anonymous ? nullptr : shared_credentials(services)) {}

net::Protocol Connection::protocol(Connection* self) {
  return {
      .sign = [self](net::Request& request, std::string_view target, TimePoint now,
                     const CallOptions& options) { self->sign(request, target, now, options); },
      .examine = &examine,
      .recover =
          [self](const net::ServiceError& error, const net::Request& request,
                 const net::Response& response, const CallOptions& options) {
            return self->recover(error, request, response, options);
          },
      .checksum = &parse_checksum,
      .request_id_header = "x-amz-request-id",
  };
}

net::Outcome Connection::send(net::Call call, const Path& path) {
  add_account(call.request.headers, options());
  return net::Connection::send(std::move(call), path);
}

net::Response Connection::require(net::Call call, const Path& path) {
  add_account(call.request.headers, options());
  return net::Connection::require(std::move(call), path);
}

void Connection::sign(net::Request& request, std::string_view target, TimePoint now,
                      const CallOptions& options) {
  const std::string where = region();
  request.url = base_url(config_, where).append(target);
  if (!credentials_) return;  // anonymous
  const auto credentials = credentials_->get(options);
  if (config_.sign_payload && !request.headers.find("x-amz-content-sha256")) {
    request.headers.set("x-amz-content-sha256", crypto::hex(crypto::sha256(request.body)));
  }
  if (!request.headers.find("x-amz-content-sha256")) {
    request.headers.set("x-amz-content-sha256", kUnsignedPayload);
  }
  signer_.sign(request, *credentials, where, now);
}

Secret Connection::presign(net::Request request, std::string_view target, const Path& path,
                           const SignOptions& options) {
  constexpr std::chrono::seconds kLongest = std::chrono::days(7);
  if (options.expires < std::chrono::seconds(1) || options.expires > kLongest) {
    fail("sign", path, ErrorCode::invalid_argument, "a signed URL is good for 1 s to 7 days");
  }
  if (!credentials_) {
    fail("sign", path, ErrorCode::unauthenticated, "an anonymous user can't sign a URL");
  }
  const std::string where = region();
  request.url = base_url(config_, where).append(target);
  const TimePoint now = options.signed_at.value_or(services().clock->now());
  try {
    const auto credentials = credentials_->get(options.call);
    signer_.presign(request, *credentials, where, now, options.expires);
  } catch (const CredentialError& error) {
    fail("sign", path, ErrorCode::unauthenticated, error.what(), error.hint());
  } catch (const net::TransportError& error) {
    fail("sign", path, ErrorCode::unavailable,
         fmt::format("the credentials can't be had: {}", error.what()));
  }
  return std::move(request.url);
}

bool Connection::recover(const net::ServiceError& error, const net::Request& request,
                         const net::Response& response, const CallOptions& options) {
  const int status = response.status;
  if (request.url.ends_with(kQuestion)) return false;  // who asked puts it right
  if (refuses_token(error) || status == 401) return renew_credentials(request);
  const bool elsewhere = status == 301 || status == 307 ||
                         error.code == "AuthorizationHeaderMalformed" ||
                         error.code == "IllegalLocationConstraintException";
  // The answer to a HEAD has no body to name the code or the region.
  const bool bare = status == 400 && error.code.empty() && response.body.empty();
  if (!elsewhere && !bare) return false;
  if (!error.region.empty()) return change_region(request, error.region);
  const net::ServiceError cause = ask_for_cause(options);
  if (refuses_token(cause)) return renew_credentials(request);
  return change_region(request, cause.region);
}

std::string Connection::region() {
  Learnt& learnt = learnt_.get();
  const std::lock_guard lock(learnt.mutex);
  return learnt.region.empty() ? config_.region : learnt.region;
}

bool Connection::change_region(const net::Request& request, std::string region) {
  if (!is_region(region)) return false;
  if (region == this->region()) {  // another call may have changed it since this one was signed
    const std::string_view scope = request.headers.get("authorization");
    return scope.find(fmt::format("/{}/", region)) == std::string_view::npos;
  }
  Learnt& learnt = learnt_.get();
  const std::lock_guard lock(learnt.mutex);
  learnt.region = std::move(region);
  return true;
}

net::ServiceError Connection::ask_for_cause(const CallOptions& options) {
  const auto patience = services().config.http.connect_timeout;
  const auto end = services().clock->steady_now() + 3 * patience;
  const net::Outcome outcome =
      client().send({.operation = "region",
                     .target = kQuestion,
                     .attempt_timeout = patience,
                     .options = {.stop = options.stop,
                                 .deadline = std::min(end, options.deadline.value_or(end))}});
  if (outcome.error) return *outcome.error;
  return {.region = std::string(outcome.response.headers.get("x-amz-bucket-region"))};
}

bool Connection::renew_credentials(const net::Request& request) {
  if (!credentials_) return false;
  const auto current = credentials_->current();
  const bool used =
      current && request.headers.get("x-amz-security-token") == current->session_token.reveal() &&
      request.headers.get("authorization")
              .find(fmt::format("Credential={}/", current->access_key_id)) !=
          std::string_view::npos;
  // Else another call has been told the same, and there are new ones.
  return !used || credentials_->invalidate(*current);
}

}  // namespace cairn::vfs::s3
