#include "vfs/azure/doubt.hpp"

#include <utility>

#include "vfs/azure/errors.hpp"
#include "vfs/azure/parse.hpp"

namespace cairn::vfs::azure {
namespace {

net::Refusal refusal_of(const net::Outcome& outcome) {
  if (!outcome.error) return net::Refusal::none;
  const std::string& code = outcome.error->code;
  if (code == "InvalidBlockList") return net::Refusal::ended;  // its blocks are gone
  if (code == "PendingCopyOperation") return net::Refusal::precondition;
  const ErrorCode meaning = code_of(outcome.response.status, code);
  const bool refused =
      meaning == ErrorCode::precondition_failed || meaning == ErrorCode::already_exists;
  return refused ? net::Refusal::precondition : net::Refusal::none;
}

}  // namespace

net::Verification verify(Connection& connection, const Path& path, const Evidence& evidence,
                         const CallOptions& options) {
  using State = net::Verification::State;
  const net::Outcome outcome = connection.send({.operation = "stat",
                                                .target = connection.target(path),
                                                .request = {.method = "HEAD"},
                                                .options = options},
                                               path);
  if (outcome.error && outcome.response.status == 404) return {.state = State::absent};
  if (!outcome.ok()) return net::not_asked(outcome);
  const net::Headers& headers = outcome.response.headers;
  const FileInfo info = parse_info(path, headers);
  const bool ours = headers.get(kTokenHeader) == evidence.token;
  if (!ours || info.size != evidence.size.value_or(info.size)) return {.state = State::other};
  return {.state = State::written,
          .result = {.size = info.size, .etag = info.etag, .version = info.version}};
}

WriteResult settle(Connection& connection, std::string_view operation, const Path& path,
                   const net::Outcome& outcome, const Evidence& evidence,
                   const WriteOptions& options) {
  return net::settle(connection,
                     {.operation = operation,
                      .path = path,
                      .options = options,
                      .refusal = refusal_of(outcome),
                      .verify = [&] { return verify(connection, path, evidence, options.call); }},
                     outcome);
}

}  // namespace cairn::vfs::azure
