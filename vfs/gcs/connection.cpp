#include "vfs/gcs/connection.hpp"

#include <fmt/format.h>

#include "vfs/gcs/errors.hpp"
#include "vfs/gcs/parse.hpp"
#include "vfs/gcs/requests.hpp"
#include "vfs/net/text.hpp"

namespace cairn::vfs::gcs {
namespace {

/// A read that is pinned to a version says so with If-Match, which here has the form of a
/// parameter.
void move_condition(net::Request& request) {
  const auto match = request.headers.find("if-match");
  if (!match) return;
  request.url += request.url.find('?') == std::string::npos ? '?' : '&';
  request.url.append("ifGenerationMatch=").append(*match);
  request.headers.remove("if-match");
}

}  // namespace

Connection::Connection(const std::string& scheme, std::string_view bucket, const Services& services)
    : Connection(scheme,
                 resolve_bucket(bucket, services.config, Variables(services.config.environment)),
                 services) {}

Connection::Connection(const std::string& scheme, const BucketConfig& config,
                       const Services& services)
    : net::Connection(fmt::format("{}://{}", scheme, config.bucket), services, protocol(this),
                      error_rules(config)),
      config_(config),
      credentials_(config.anonymous ? nullptr : shared_credentials(services)) {}

net::Protocol Connection::protocol(Connection* self) {
  return {
      .sign = [self](net::Request& request, std::string_view target, TimePoint,
                     const CallOptions& options) { self->sign(request, target, options); },
      .examine = &examine,
      .recover =
          [self](const net::ServiceError&, const net::Request& request,
                 const net::Response& response, const CallOptions&) {
            return response.status == 401 && self->renew_credentials(request);
          },
      .checksum = &parse_checksum,
      .version = &parse_version,
      .request_id_header = "x-guploader-uploadid",
  };
}

/// A target that is a URL is the session of a resumable upload, which may be on another host: the
/// token goes to none but the endpoint.
void Connection::sign(net::Request& request, std::string_view target, const CallOptions& options) {
  const bool session = target.starts_with("http");
  request.url = session ? std::string(target) : config_.endpoint + std::string(target);
  move_condition(request);
  if (!config_.user_project.empty()) {
    request.headers.set("x-goog-user-project", config_.user_project);
  }
  if (!credentials_ || net::origin_of(request.url) != config_.endpoint) return;
  const auto credentials = credentials_->get(options);
  if (config_.user_project.empty() && !credentials->quota_project.empty()) {
    request.headers.set("x-goog-user-project", credentials->quota_project);
  }
  request.headers.set("authorization", "Bearer " + credentials->token.reveal());
}

bool Connection::renew_credentials(const net::Request& request) {
  if (!credentials_) return false;
  const auto current = credentials_->current();
  const bool used =
      current && request.headers.get("authorization") == "Bearer " + current->token.reveal();
  // Else another call has been told the same, and there is a new one.
  return !used || credentials_->invalidate(*current);
}

}  // namespace cairn::vfs::gcs
