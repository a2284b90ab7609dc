#include "vfs/net/connection.hpp"

#include <utility>

#include <fmt/format.h>

#include "vfs/net/credentials.hpp"

namespace cairn::vfs::net {

Connection::Connection(std::string root, Services services, Protocol protocol, ErrorRules rules)
    : root_(std::move(root)),
      services_(std::move(services)),
      rules_(std::move(rules)),
      client_(services_, std::move(protocol)) {}

Outcome Connection::send(Call call, const Path& path) {
  const std::string operation = call.operation;
  try {
    Outcome outcome = client_.send(std::move(call));
    if (outcome.ok()) proven_.store(true, std::memory_order_relaxed);
    return outcome;
  } catch (const CredentialError& error) {
    fail(operation, path, ErrorCode::unauthenticated, error.what(), error.hint());
  }
}

Response Connection::require(Call call, const Path& path) {
  const std::string operation = call.operation;
  Outcome outcome = send(std::move(call), path);
  if (!outcome.ok()) fail(operation, path, outcome);
  return std::move(outcome.response);
}

void Connection::fail(std::string_view operation, const Path& path, const Outcome& outcome,
                      Condition condition) const {
  throw make_error({.operation = operation, .url = url(path), .condition = condition}, outcome,
                   rules_);
}

void Connection::fail(std::string_view operation, const Path& path, ErrorCode code,
                      std::string message, std::string hint) const {
  throw Error(code, {.operation = std::string(operation),
                     .url = url(path),
                     .message = std::move(message),
                     .hint = std::move(hint)});
}

std::string Connection::url(const Path& path) const {
  return rules_.url_of ? rules_.url_of(path) : fmt::format("{}/{}", root_, path.string());
}

}  // namespace cairn::vfs::net
