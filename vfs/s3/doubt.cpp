#include "vfs/s3/doubt.hpp"

#include "vfs/s3/errors.hpp"
#include "vfs/s3/object_options.hpp"
#include "vfs/s3/parse.hpp"
#include "vfs/s3/requests.hpp"

namespace cairn::vfs::s3 {
namespace {

net::Refusal refusal_of(const net::Outcome& outcome) {
  if (!outcome.error) return net::Refusal::none;
  const std::string& code = outcome.error->code;
  if (code == "NoSuchUpload") return net::Refusal::ended;
  if (code == "ConditionalRequestConflict") return net::Refusal::conflict;
  return code_of(outcome.response.status, code) == ErrorCode::precondition_failed
             ? net::Refusal::precondition
             : net::Refusal::none;
}

}  // namespace

net::Verification resolve_ambiguous(Connection& connection, const Path& path,
                                    const Evidence& evidence, const CallOptions& options) {
  using State = net::Verification::State;
  net::Call call{.operation = "stat",
                 .target = target(path),
                 .request = {.method = "HEAD"},
                 .options = options};
  add_customer_key(call.request.headers, connection.options().encryption);
  const net::Outcome outcome = connection.send(std::move(call), path);
  if (outcome.error && outcome.response.status == 404) return {.state = State::absent};
  if (!outcome.ok()) return net::not_asked(outcome);
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
  const auto verify = [&] { return resolve_ambiguous(connection, path, evidence, options.call); };
  return net::settle(connection,
                     {.operation = operation,
                      .path = path,
                      .options = options,
                      .refusal = refusal_of(outcome),
                      .verify = verify},
                     outcome);
}

}  // namespace cairn::vfs::s3
