#include "vfs/gcs/remove.hpp"

#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "vfs/gcs/errors.hpp"
#include "vfs/gcs/parse.hpp"
#include "vfs/gcs/requests.hpp"
#include "vfs/net/batch.hpp"
#include "vfs/net/doubt.hpp"
#include "vfs/net/removal.hpp"
#include "vfs/net/retry.hpp"

namespace cairn::vfs::gcs {
namespace {

using net::KeyAnswer;

/// https://cloud.google.com/storage/docs/batch
constexpr std::size_t kMaxBatch = 100;

void remove_where(Connection& connection, const Path& path, const Query& query,
                  const CallOptions& options) {
  const net::Outcome outcome =
      connection.send({.operation = "remove",
                       .target = object_target(connection.bucket(), path, query),
                       .request = {.method = "DELETE"},
                       .options = options},
                      path);
  const bool absent = outcome.error && outcome.response.status == 404;
  // A second attempt after one whose answer was lost finds what it has done, or a newer object.
  const bool replaced = outcome.error && outcome.response.status == 412 && net::in_doubt(outcome);
  if (outcome.ok() || replaced) return;
  if (!absent || outcome.error->message.find("bucket does not exist") != std::string::npos) {
    connection.fail("remove", path, outcome);
  }
}

KeyAnswer answer_of(const net::BatchAnswer& answer) {
  if (answer.status / 100 == 2 || answer.status == 404) return {.state = KeyAnswer::State::removed};
  // A token that was refused is renewed on the way of single requests.
  if (answer.status == 0 || answer.status == 401) return {.state = KeyAnswer::State::singly};
  const net::ServiceError error = parse_error(answer.status, answer.body);
  return {.state = net::judge(answer.status, error.code).retry ? KeyAnswer::State::again
                                                               : KeyAnswer::State::failed,
          .code = code_of(answer.status, error.code),
          .error = fmt::format("{}: {}", error.code, error.message)};
}

std::optional<std::vector<KeyAnswer>> remove_together(Connection& connection,
                                                      std::span<const Path> keys,
                                                      const CallOptions& options) {
  if (keys.size() == 1 || connection.lacks().batch.load(std::memory_order_relaxed)) return {};
  std::vector<net::Request> requests;
  requests.reserve(keys.size());
  for (const Path& key : keys) {
    requests.push_back({.method = "DELETE", .url = object_target(connection.bucket(), key)});
  }
  const net::BatchForm form{.boundary = net::make_token(*connection.services().random),
                            .bracketed_ids = true,
                            .empty_line = true};
  const net::Outcome outcome = connection.send({.operation = "remove",
                                                .target = "/batch/storage/v1",
                                                .request = net::batch_request(requests, form),
                                                .options = options},
                                               keys.front());
  const int status = outcome.failure ? 0 : outcome.response.status;
  if (status == 404 || status == 405 || status == 501) {  // some servers know no batches
    connection.lacks().batch.store(true, std::memory_order_relaxed);
    return {};
  }
  if (!outcome.ok()) connection.fail("remove", keys.front(), outcome);
  auto answers = net::parse_batch(outcome.response);
  if (!answers) return {};
  std::vector<KeyAnswer> result;
  for (const net::BatchAnswer& answer : net::in_order(*std::move(answers), keys.size())) {
    result.push_back(answer_of(answer));
  }
  return result;
}

}  // namespace

void remove_object(Connection& connection, const Path& path, const CallOptions& options) {
  remove_where(connection, path, {}, options);
}

void remove_generation(Connection& connection, const Path& path, std::string_view generation,
                       const CallOptions& options) {
  remove_where(connection, path, {{"ifGenerationMatch", std::string(generation)}}, options);
}

void remove_version(Connection& connection, const Path& path, std::string_view generation,
                    const CallOptions& options) {
  remove_where(connection, path, {{"generation", std::string(generation)}}, options);
}

std::vector<RemoveResult> remove_objects(Connection& connection, std::span<const Path> paths,
                                         const CallOptions& options) {
  if (paths.size() == 1) {  // with all that its Error tells
    remove_object(connection, paths.front(), options);
    return {{.path = paths.front()}};
  }
  const net::RemovalRules rules{
      .max_batch = kMaxBatch,
      .remove_together =
          [&connection](std::span<const Path> keys, const CallOptions& call) {
            return remove_together(connection, keys, call);
          },
      .remove_one = [&connection](
                        const Path& path,
                        const CallOptions& call) { remove_object(connection, path, call); }};
  return net::remove_many(connection.services(), rules, paths, options);
}

}  // namespace cairn::vfs::gcs
