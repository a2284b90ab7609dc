#include "vfs/azure/remove.hpp"

#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "vfs/azure/errors.hpp"
#include "vfs/azure/parse.hpp"
#include "vfs/net/batch.hpp"
#include "vfs/net/credentials.hpp"
#include "vfs/net/doubt.hpp"
#include "vfs/net/removal.hpp"
#include "vfs/net/retry.hpp"

namespace cairn::vfs::azure {
namespace {

using net::KeyAnswer;

/// https://learn.microsoft.com/rest/api/storageservices/blob-batch
constexpr std::size_t kMaxBatch = 256;

/// Each of its requests is authorized on its own, for some minutes.
net::Request batch_of(Connection& connection, std::span<const Path> paths,
                      const CallOptions& options) {
  const Services& services = connection.services();
  std::vector<net::Request> requests;
  requests.reserve(paths.size());
  for (const Path& path : paths) {
    net::Request request{.method = "DELETE"};
    try {
      connection.authorize(request, connection.target(path), connection.server_now(), options);
    } catch (const net::CredentialError& error) {
      connection.fail("remove", path, ErrorCode::unauthenticated, error.what(), error.hint());
    }
    requests.push_back(std::move(request));
  }
  return net::batch_request(requests, {.boundary = "batch_" + net::make_token(*services.random)});
}

KeyAnswer answer_of(const net::BatchAnswer& answer) {
  using State = KeyAnswer::State;
  if (answer.status / 100 == 2) return {.state = State::removed};
  // A date or a token that was refused is put right on the way of single requests.
  if (answer.status == 0 || answer.status == 401 || answer.status == 403) {
    return {.state = State::singly};
  }
  const net::ServiceError error =
      parse_error({.status = answer.status, .headers = answer.headers, .body = answer.body});
  if (error.code == "BlobNotFound") return {.state = State::removed};
  return {.state = net::judge(answer.status, error.code).retry ? State::again : State::failed,
          .code = code_of(answer.status, error.code),
          .error = fmt::format("{}: {}", error.code, error.message)};
}

std::optional<std::vector<KeyAnswer>> remove_together(Connection& connection,
                                                      std::span<const Path> paths,
                                                      const CallOptions& options) {
  if (paths.size() == 1 || connection.lacks().batch) return {};
  const net::Outcome outcome = connection.send(
      {.operation = "remove",
       .target = connection.target({}, {{"restype", "container"}, {"comp", "batch"}}),
       .request = batch_of(connection, paths, options),
       .options = options},
      paths.front());
  if (outcome.failure) connection.fail("remove", paths.front(), outcome);
  auto answers = outcome.ok() ? net::parse_batch(outcome.response) : std::nullopt;
  if (answers && answers->size() == paths.size()) {
    std::vector<KeyAnswer> result;
    for (const net::BatchAnswer& answer : net::in_order(*std::move(answers), paths.size())) {
      result.push_back(answer_of(answer));
    }
    return result;
  }
  // A server that knows no batches, or credentials that may not send one.
  if (outcome.error &&
      code_of(outcome.response.status, outcome.error->code) == ErrorCode::unsupported) {
    connection.lacks().batch = true;
  }
  return {};
}

bool is_absent(const net::Outcome& outcome) {
  return outcome.error && outcome.error->code == "BlobNotFound";
}

/// "d/" where a blob "d" only marks the directory.
void remove_other_mark(Connection& connection, const Path& path, const CallOptions& options) {
  const Path mark(path.string().substr(0, path.string().size() - 1));
  const net::Outcome outcome = connection.send({.operation = "remove",
                                                .target = connection.target(mark),
                                                .request = {.method = "HEAD"},
                                                .options = options},
                                               path);
  const net::Headers& headers = outcome.response.headers;
  if (!outcome.ok() || !is_folder(headers)) return;  // a file of that name is another matter
  remove_blob(connection, mark, headers.get("etag"), options);
}

}  // namespace

void remove_blob(Connection& connection, const Path& path, std::string_view if_match,
                 const CallOptions& options) {
  net::Call call{.operation = "remove",
                 .target = connection.target(path),
                 .request = {.method = "DELETE"},
                 .options = options};
  if (!if_match.empty()) call.request.headers.set("if-match", if_match);
  const net::Outcome outcome = connection.send(std::move(call), path);
  // A second attempt after one whose answer was lost finds what it has done (there is no etag any
  // more: so says Azurite), or a newer blob.
  const bool replaced =
      outcome.error && outcome.error->code == "ConditionNotMet" && net::in_doubt(outcome);
  if (outcome.ok() || replaced || is_absent(outcome)) return;
  connection.fail("remove", path, outcome);
}

void remove_mark(Connection& connection, const Path& path, const CallOptions& options) {
  const net::Outcome outcome = connection.send({.operation = "remove",
                                                .target = connection.target(path),
                                                .request = {.method = "DELETE"},
                                                .options = options},
                                               path);
  if (outcome.ok()) return;
  if (!is_absent(outcome)) connection.fail("remove", path, outcome);
  if (path.string().size() > 1) remove_other_mark(connection, path, options);
}

std::vector<RemoveResult> remove_blobs(Connection& connection, std::span<const Path> paths,
                                       RemoveDirectory remove_directory,
                                       const CallOptions& options) {
  const auto remove_one = [&connection, remove_directory](const Path& path,
                                                          const CallOptions& call) {
    if (path.has_trailing_slash()) return remove_directory(connection, path, call);
    remove_blob(connection, path, {}, call);
  };
  if (paths.size() == 1) {  // with all that its Error tells
    remove_one(paths.front(), options);
    return {{.path = paths.front()}};
  }
  const net::RemovalRules rules{
      .max_batch = kMaxBatch,
      .fits = [](const Path& path) { return !path.has_trailing_slash(); },
      .remove_together =
          [&connection](std::span<const Path> batch, const CallOptions& call) {
            return remove_together(connection, batch, call);
          },
      .remove_one = remove_one};
  return net::remove_many(connection.services(), rules, paths, options);
}

}  // namespace cairn::vfs::azure
