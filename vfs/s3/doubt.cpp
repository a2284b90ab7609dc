#include "vfs/s3/doubt.hpp"

#include <utility>

#include <fmt/format.h>

#include "vfs/s3/object_options.hpp"
#include "vfs/s3/parse.hpp"
#include "vfs/s3/requests.hpp"

namespace cairn::vfs::s3 {

std::string make_token(Random& random) {
  return fmt::format("{:016x}{:016x}", random.next(), random.next());
}

bool in_doubt(const net::Outcome& outcome) {
  if (outcome.earlier_may_have_happened) return true;
  if (outcome.failure) return net::judge(outcome.failure->kind).may_have_happened;
  return outcome.error &&
         net::judge(outcome.response.status, outcome.error->code).may_have_happened;
}

namespace {

ErrorCode why_not_asked(const net::Outcome& outcome) {
  using net::TransportFailure;
  if (!outcome.failure) return ErrorCode::unavailable;
  if (outcome.failure->kind == TransportFailure::cancelled) return ErrorCode::cancelled;
  if (outcome.failure->kind == TransportFailure::deadline) return ErrorCode::timeout;
  return ErrorCode::unavailable;
}

[[noreturn]] void fail_ended(Connection& connection, std::string_view operation, const Path& path,
                             const Verification& found, const WriteOptions& options) {
  ErrorCode code = ErrorCode::conflict;
  if (found.state == Verification::State::other && options.if_absent) {
    code = ErrorCode::already_exists;
  } else if (!options.if_match.empty()) {
    code = ErrorCode::precondition_failed;
  }
  connection.fail(operation, path, code,
                  "an answer was lost, the upload has ended, and the file is not of it: another "
                  "writer got in between");
}

}  // namespace

Verification resolve_ambiguous(Connection& connection, const Path& path, const Evidence& evidence,
                               const CallOptions& options) {
  using State = Verification::State;
  if (options.stop.stop_requested()) return {.cause = ErrorCode::cancelled};
  net::Call call{.operation = "stat",
                 .target = target(path),
                 .request = {.method = "HEAD"},
                 .options = options};
  add_customer_key(call.request.headers, connection.options().encryption);
  const net::Outcome outcome = connection.send(std::move(call), path);
  if (outcome.error && outcome.response.status == 404) return {.state = State::absent};
  if (!outcome.ok()) return {.cause = why_not_asked(outcome)};
  const net::Headers& headers = outcome.response.headers;
  const FileInfo info = parse_info(path, headers);
  const std::string_view token = headers.get(kTokenHeader);
  const bool ours = token.empty() ? !evidence.etag.empty() && info.etag == evidence.etag
                                  : token == evidence.token;
  if (!ours || info.size != evidence.size) return {.state = State::other};
  return {.state = State::written,
          .result = {.size = info.size, .etag = info.etag, .version = info.version}};
}

WriteResult settle(Connection& connection, std::string_view operation, const Path& path,
                   const net::Outcome& outcome, const Evidence& evidence,
                   const WriteOptions& options) {
  using State = Verification::State;
  if (!in_doubt(outcome)) connection.fail(operation, path, outcome, condition_of(options));
  const Verification found = resolve_ambiguous(connection, path, evidence, options.call);
  if (found.state == State::written) return found.result;
  // Both are what a server says to the second of two equal requests.
  const bool refused = outcome.error && (code_of(outcome.response.status, outcome.error->code) ==
                                             ErrorCode::precondition_failed ||
                                         outcome.error->code == "NoSuchUpload");
  if (refused && found.state == State::unknown) {
    connection.fail(operation, path, found.cause,
                    "an earlier answer was lost, and the object can't be asked whether it was "
                    "written",
                    "look at the file before writing it again");
  }
  // The upload has ended, and what is there is not of it: this one was replaced at once, or
  // somebody gave it up. Either way it takes another one.
  if (outcome.error && outcome.error->code == "NoSuchUpload")
    fail_ended(connection, operation, path, found, options);
  // Two conditional writes at once: neither is known to have won. If the other one has, its object
  // decides; if not, the parts have to be sent again (S3 says: start from the beginning).
  const bool conflict = outcome.error && outcome.error->code == "ConditionalRequestConflict";
  if (conflict && options.if_absent && found.state == State::other) {
    connection.fail(operation, path, ErrorCode::already_exists,
                    "another writer has created it at the same time");
  }
  connection.fail(operation, path, outcome, condition_of(options));
}

}  // namespace cairn::vfs::s3
