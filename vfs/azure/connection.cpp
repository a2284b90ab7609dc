#include "vfs/azure/connection.hpp"

#include <utility>

#include <fmt/format.h>

#include "vfs/azure/errors.hpp"
#include "vfs/azure/parse.hpp"
#include "vfs/azure/sign.hpp"
#include "vfs/base/fail.hpp"
#include "vfs/crypto/digest.hpp"
#include "vfs/crypto/encoding.hpp"
#include "vfs/net/credentials.hpp"

namespace cairn::vfs::azure {
namespace {

/// A server that checks no CRC64 says so of the request, not of the bytes.
bool refuses_crc64(const net::ServiceError& error, const net::Request& request) {
  return request.headers.find(kCrc64Header) &&
         (error.code == "FeatureNotSupported" || error.code == "UnsupportedHeader");
}

void append_sas(net::Request& request, const Secret& sas) {
  request.url += request.url.find('?') == std::string::npos ? '?' : '&';
  request.url += sas.reveal();
}

}  // namespace

Connection::Connection(const Url& root, const Services& services)
    : Connection(root, services, resolve_container(root, services.config)) {}

Connection::Connection(const Url& root, const Services& services, ContainerConfig config)
    : net::Connection(root.with_query({}).string(), services, protocol(), error_rules(config)),
      config_(std::move(config)),
      of_url_(credentials_of(root)),
      credentials_(config_.anonymous || of_url_ ? nullptr
                                                : shared_credentials(services, config_.endpoint)) {}

std::shared_ptr<const Credentials> Connection::credentials_of(const Url& root) {
  if (root.query().empty()) return nullptr;
  try {
    return std::make_shared<const Credentials>(
        Credentials{.sas = parse_sas(root.query(), "the URL")});
  } catch (const net::CredentialError& error) {
    vfs::fail(ErrorCode::invalid_argument, "open", root.with_query({}).string(), error.what(),
              error.hint());
  }
}

net::Protocol Connection::protocol() {
  return {
      .sign = [this](net::Request& request, std::string_view target, TimePoint now,
                     const CallOptions& options) { sign(request, target, now, options); },
      .examine = &examine,
      .recover = [this](const net::ServiceError& error, const net::Request& request,
                        const net::Response& response,
                        const CallOptions&) { return recover(error, request, response); },
      .checksum = &parse_checksum,
      .request_id_header = "x-ms-request-id",
  };
}

void Connection::sign(net::Request& request, std::string_view target, TimePoint now,
                      const CallOptions& options) {
  if (lacks_.crc64 && request.headers.find(kCrc64Header)) {
    request.headers.remove(kCrc64Header);
    request.headers.set("content-md5", crypto::base64(crypto::md5(request.body)));
  }
  request.headers.set("x-ms-version", kApiVersion);
  authorize(request, target, now, options);
}

void Connection::authorize(net::Request& request, std::string_view target, TimePoint now,
                           const CallOptions& options) {
  request.url = target.starts_with('/') ? config_.endpoint : std::string();
  request.url += target;
  set_date(request, now);
  request.headers.remove("authorization");
  const auto held = credentials(options);
  if (!held) return;
  if (!held->token.empty()) {
    request.headers.set("authorization", "Bearer " + held->token.reveal());
  } else if (!held->key.empty()) {
    const Secret authorization = shared_key_authorization(request, config_.account, held->key);
    if (authorization.empty()) {
      throw net::CredentialError("the account key is not base64",
                                 "copy the whole key, with the '=' at its end");
    }
    request.headers.set("authorization", authorization.reveal());
  } else if (!held->sas.empty()) {
    append_sas(request, held->sas);
  }
}

std::shared_ptr<const Credentials> Connection::credentials(const CallOptions& options) {
  if (!credentials_) return of_url_;
  auto held = credentials_->get(options);
  if (!held->account.empty() && held->account != config_.account) {
    throw net::CredentialError(
        fmt::format("the credentials are of the account \"{}\", and the file is in \"{}\"",
                    held->account, config_.account),
        "give the key or SAS of that account, or an identity that may use both");
  }
  return held;
}

std::shared_ptr<const Credentials> Connection::held_credentials(std::string_view operation,
                                                                const Path& path,
                                                                const CallOptions& options) {
  try {
    return credentials(options);
  } catch (const net::CredentialError& error) {
    fail(operation, path, ErrorCode::unauthenticated, error.what(), error.hint());
  } catch (const net::TransportError& error) {
    fail(operation, path, ErrorCode::unavailable,
         fmt::format("the credentials can't be had: {}", error.what()));
  }
}

bool Connection::recover(const net::ServiceError& error, const net::Request& request,
                         const net::Response& response) {
  if (refuses_crc64(error, request)) {
    lacks_.crc64 = true;
    return true;
  }
  return response.status == 401 && renew_credentials(request);
}

/// Only a token runs out; what else was refused is refused again.
bool Connection::renew_credentials(const net::Request& request) {
  if (!credentials_) return false;
  const auto current = credentials_->current();
  if (!current || current->token.empty()) return false;
  const bool used = request.headers.get("authorization") == "Bearer " + current->token.reveal();
  // Else another call has been told the same, and there is a new one.
  return !used || credentials_->invalidate(*current);
}

}  // namespace cairn::vfs::azure
