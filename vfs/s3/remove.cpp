#include "vfs/s3/remove.hpp"

#include <map>
#include <utility>

#include <fmt/format.h>

#include "vfs/crypto/crc.hpp"
#include "vfs/crypto/encoding.hpp"
#include "vfs/net/removal.hpp"
#include "vfs/net/retry.hpp"
#include "vfs/s3/errors.hpp"
#include "vfs/s3/parse.hpp"
#include "vfs/s3/requests.hpp"

namespace cairn::vfs::s3 {
namespace {

/// What DeleteObjects says of each of them, in their order.
std::vector<net::KeyAnswer> answers_of(std::span<const Path> keys, std::vector<KeyError> errors) {
  std::map<std::string, KeyError> failed;
  for (KeyError& error : errors) {
    if (error.code != "NoSuchKey") failed.insert_or_assign(error.key, std::move(error));
  }
  std::vector<net::KeyAnswer> answers(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    net::KeyAnswer& answer = answers[i];
    answer.state = net::KeyAnswer::State::removed;
    const auto found = failed.find(keys[i].string());
    if (found == failed.end()) continue;
    const KeyError& error = found->second;
    answer.error = fmt::format("{}: {}", error.code, error.message);
    answer.code = code_of(0, error.code);
    answer.state = net::judge(0, error.code).retry ? net::KeyAnswer::State::again
                                                   : net::KeyAnswer::State::failed;
  }
  return answers;
}

std::optional<std::vector<net::KeyAnswer>> remove_together(Connection& connection,
                                                           std::span<const Path> keys,
                                                           const CallOptions& options) {
  net::Call call{.operation = "remove",
                 .target = "/?delete=",
                 .request = xml_request("POST", delete_xml(keys)),
                 .options = options};
  call.request.headers.set("x-amz-checksum-crc32",
                           crypto::base64_big_endian(crypto::crc32(call.request.body)));
  net::Outcome outcome = connection.send(std::move(call), keys.front());
  const bool unknown = outcome.error && code_of(outcome.response.status, outcome.error->code) ==
                                            ErrorCode::unsupported;
  if (unknown) return {};  // some servers know no DeleteObjects
  if (!outcome.ok()) connection.fail("remove", keys.front(), outcome);
  return answers_of(keys, parse_delete_errors(std::move(outcome.response.body)));
}

}  // namespace

void remove_object(Connection& connection, const Path& path, std::string_view version,
                   const CallOptions& options) {
  Query query;
  if (!version.empty()) query.emplace_back("versionId", version);
  const net::Outcome outcome = connection.send({.operation = "remove",
                                                .target = target(path, std::move(query)),
                                                .request = {.method = "DELETE"},
                                                .options = options},
                                               path);
  const bool absent = outcome.error && (outcome.error->code == "NoSuchKey" ||
                                        outcome.error->code == "NoSuchVersion");
  if (!outcome.ok() && !absent) connection.fail("remove", path, outcome);
}

std::vector<RemoveResult> remove_objects(Connection& connection, std::span<const Path> paths,
                                         const CallOptions& options) {
  if (paths.size() == 1) {  // with all that its Error tells
    remove_object(connection, paths.front(), {}, options);
    return {{.path = paths.front()}};
  }
  const net::RemovalRules rules{
      .max_batch = 1000,
      .fits = [](const Path& path) { return fits_in_xml(path.string()); },
      .remove_together =
          [&connection](std::span<const Path> keys, const CallOptions& call) {
            return remove_together(connection, keys, call);
          },
      .remove_one = [&connection](
                        const Path& path,
                        const CallOptions& call) { remove_object(connection, path, {}, call); }};
  return net::remove_many(connection.services(), rules, paths, options);
}

}  // namespace cairn::vfs::s3
