// https://cloud.google.com/storage/docs/json_api/v1/objects/rewrite and …/objects/move
#include "vfs/gcs/copy.hpp"

#include <string>
#include <utility>

#include "vfs/gcs/parse.hpp"
#include "vfs/gcs/remove.hpp"
#include "vfs/gcs/requests.hpp"
#include "vfs/gcs/write.hpp"

namespace cairn::vfs::gcs {
namespace {

constexpr int kMaxRestarts = 3;

/// What is copied, and how it describes itself.
struct Source {
  FileInfo info{};
  nlohmann::json description{};
};

Source get_source(Connection& connection, std::string_view operation, const Path& path,
                  const WriteOptions& options) {
  Query query{{"fields", std::string("kind,").append(kSourceFields)}};
  if (!options.source_version.empty()) query.emplace_back("generation", options.source_version);
  const net::Outcome outcome =
      connection.send({.operation = std::string(operation),
                       .target = object_target(connection.bucket(), path, query),
                       .options = options.call},
                      path);
  if (!outcome.ok()) connection.fail(operation, path, outcome);
  auto object = parse_object(outcome.response.body);
  if (!object) connection.fail(operation, path, ErrorCode::corrupt, "the answer is no object");
  return {.info = std::move(object->info), .description = parse_description(outcome.response.body)};
}

bool describes(const WriteOptions& options) {
  return !options.content_type.empty() || !options.metadata.empty() ||
         !options.cache_control.empty() || !options.content_disposition.empty() ||
         !options.content_encoding.empty() || !options.storage_class.empty();
}

/// The service takes over either all of what describes the source, or nothing.
net::Request rewrite_request(const Connection& connection, const Source& source,
                             const WriteOptions& options, const std::string& token) {
  if (token.empty() && !describes(options)) return {.method = "POST", .has_body = true};
  nlohmann::json resource = source.description;
  nlohmann::json changes = object_resource(options, connection.config().storage_class, token);
  if (options.metadata.empty() && resource.contains("metadata")) {
    changes["metadata"].update(resource["metadata"]);
  }
  resource.update(changes);
  return json_request("POST", resource);
}

/// One call may move only some of the bytes, where the target is in another place or class.
net::Outcome rewrite(Connection& connection, const Source& source, const Path& to,
                     const WriteOptions& options, const std::string& token) {
  const std::string action = rewrite_action(connection.bucket(), to);
  std::string rewrite_token;
  for (int restarts = 0;;) {
    Query query{{"ifSourceGenerationMatch", source.info.version}};
    if (!options.source_version.empty()) query = {{"sourceGeneration", source.info.version}};
    add_conditions(query, options);
    if (!rewrite_token.empty()) query.emplace_back("rewriteToken", rewrite_token);
    net::Outcome outcome = connection.send(
        {.operation = "copy",
         .target = action_target(connection.bucket(), source.info.path, action, query),
         .request = rewrite_request(connection, source, options, token),
         .response_patience = connection.services().config.http.commit_timeout,
         .options = options.call},
        to);
    if (!outcome.ok()) {
      // A token that is not known any more: the copy has ended, or has to begin anew.
      const int status = outcome.failure ? 0 : outcome.response.status;
      const bool forgotten = !rewrite_token.empty() && (status == 400 || status == 410);
      if (!forgotten || ++restarts > kMaxRestarts) return outcome;
      rewrite_token.clear();
      continue;
    }
    const auto answer = parse_rewrite(outcome.response.body);
    if (!answer) {
      connection.fail("copy", to, ErrorCode::corrupt,
                      "the server's answer tells nothing of a copy");
    }
    if (answer->done) return outcome;
    rewrite_token = answer->token;
  }
}

WriteResult copy_source(Connection& connection, const Source& source, const Path& to,
                        const WriteOptions& options) {
  const bool conditional = net::condition_of(options) != net::Condition::none;
  const std::string token =
      conditional ? net::make_token(*connection.services().random) : std::string{};
  Evidence made{.token = token, .size = source.info.size};
  if (source.info.checksum) made.crc32c = static_cast<std::uint32_t>(source.info.checksum->value);
  const net::Outcome outcome = rewrite(connection, source, to, options, token);
  if (!outcome.ok()) return settle(connection, "copy", to, outcome, made, options);
  const FileInfo info = parse_rewrite(outcome.response.body)->object->info;
  check_written(connection, "copy", to, info, made, options.call);
  return {.size = info.size, .etag = info.etag, .version = info.version};
}

/// A move leaves no mark on its object. The source is gone, and what is at the target has other
/// bytes, or can't be asked.
[[noreturn]] void fail_untold(const Connection& connection, const Path& to,
                              const net::Verification& found) {
  const bool unknown = found.state == net::Verification::State::unknown;
  connection.fail("move", to, unknown ? found.cause : ErrorCode::conflict,
                  "an answer was lost, the source is gone, and nothing tells whether this move or "
                  "another writer has taken it",
                  "look at the target before moving it again");
}

/// Absent if the server can't.
std::optional<WriteResult> move_at_once(Connection& connection, const Source& source,
                                        const Path& to, const WriteOptions& options) {
  if (describes(options) || connection.lacks().move.load(std::memory_order_relaxed)) return {};
  Query query{{"ifSourceGenerationMatch", source.info.version}};
  add_conditions(query, options);
  const net::Outcome outcome = connection.send(
      {.operation = "move",
       .target = action_target(connection.bucket(), source.info.path, move_action(to), query),
       .request = {.method = "POST", .has_body = true},
       .response_patience = connection.services().config.http.commit_timeout,
       .options = options.call},
      to);
  if (outcome.ok()) {
    if (const auto object = parse_object(outcome.response.body)) {
      return WriteResult{
          .size = object->info.size, .etag = object->info.etag, .version = object->info.version};
    }
    connection.fail("move", to, ErrorCode::corrupt, "the server's answer is no object");
  }
  const int status = outcome.failure ? 0 : outcome.response.status;
  const bool unknown = status == 400 || status == 404 || status == 405 || status == 501;
  if (unknown && !net::in_doubt(outcome)) {
    connection.lacks().move.store(true, std::memory_order_relaxed);
    return {};
  }
  // After a lost answer the source is gone and the target has its bytes: that was this move.
  Evidence made{.size = source.info.size};
  if (source.info.checksum) made.crc32c = static_cast<std::uint32_t>(source.info.checksum->value);
  if (net::in_doubt(outcome)) {
    if (get_object(connection, source.info.path, {}, options.call)) {
      if (unknown) return {};
    } else {
      const net::Verification found = resolve_ambiguous(connection, to, made, options.call);
      if (found.state == net::Verification::State::written) return found.result;
      fail_untold(connection, to, found);
    }
  }
  connection.fail("move", to, outcome, net::condition_of(options));
}

}  // namespace

WriteResult copy_object(Connection& connection, const Path& from, const Path& to,
                        const WriteOptions& options) {
  const Source source = get_source(connection, "copy", from, options);
  const bool itself = from == to && options.source_version.empty();
  if (itself && options.if_absent) {
    connection.fail("copy", to, ErrorCode::already_exists, "source and target are the same");
  }
  if (itself && !describes(options)) {
    return {.size = source.info.size, .etag = source.info.etag, .version = source.info.version};
  }
  return copy_source(connection, source, to, options);
}

WriteResult move_object(Connection& connection, const Path& from, const Path& to,
                        const WriteOptions& options) {
  if (from == to) return copy_object(connection, from, to, options);
  const Source source = get_source(connection, "move", from, options);
  if (auto moved = move_at_once(connection, source, to, options)) return *std::move(moved);
  WriteResult result = copy_source(connection, source, to, options);
  remove_generation(connection, from, source.info.version, options.call);
  return result;
}

}  // namespace cairn::vfs::gcs
