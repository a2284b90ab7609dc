#include "vfs/gcs/write.hpp"

#include <utility>

#include "vfs/crypto/crc.hpp"
#include "vfs/crypto/encoding.hpp"
#include "vfs/gcs/errors.hpp"
#include "vfs/gcs/remove.hpp"
#include "vfs/gcs/requests.hpp"

namespace cairn::vfs::gcs {
namespace {

net::Refusal refusal_of(const net::Outcome& outcome) {
  if (!outcome.error) return net::Refusal::none;
  if (outcome.error->code == "NoSuchUpload") return net::Refusal::ended;
  return code_of(outcome.response.status, outcome.error->code) == ErrorCode::precondition_failed
             ? net::Refusal::precondition
             : net::Refusal::none;
}

net::Call get_call(const Connection& connection, const Path& path, const std::string& generation,
                   const CallOptions& options) {
  Query query{{"fields", std::string("kind,").append(kObjectFields)}};
  if (!generation.empty()) query.emplace_back("generation", generation);
  return {.operation = "stat",
          .target = object_target(connection.bucket(), path, query),
          .options = options};
}

}  // namespace

WriteResult put_object(Connection& connection, const Path& path, const Body& body,
                       const WriteOptions& options, std::optional<std::uint32_t> crc32c) {
  // Without a condition a second attempt does no harm; with one, the token tells our own write from
  // another's.
  const bool conditional = net::condition_of(options) != net::Condition::none;
  Random& random = *connection.services().random;
  const std::string token = conditional ? net::make_token(random) : std::string{};
  const std::uint32_t crc = crc32c ? *crc32c : crypto::crc32c(body);
  nlohmann::json resource = object_resource(options, connection.config().storage_class, token);
  resource["crc32c"] = crypto::base64_big_endian(crc);
  Query query;
  add_conditions(query, options);
  const net::Outcome outcome = connection.send(
      {.operation = "write",
       .target = upload_target(connection.bucket(), path, "multipart", std::move(query)),
       .request = insert_request(resource, body, net::make_token(random)),
       .options = options.call},
      path);
  const Evidence sent{.token = token, .size = body.size(), .crc32c = crc};
  if (!outcome.ok()) {
    if (!conditional) connection.fail("write", path, outcome);
    return settle(connection, "write", path, outcome, sent, options);
  }
  const auto object = parse_object(outcome.response.body);
  if (!object) {
    connection.fail("write", path, ErrorCode::corrupt, "the server's answer is no object");
  }
  check_written(connection, "write", path, object->info, sent, options.call);
  return {.size = body.size(), .etag = object->info.etag, .version = object->info.version};
}

std::optional<Object> get_object(Connection& connection, const Path& path,
                                 const std::string& generation, const CallOptions& options) {
  const net::Outcome outcome =
      connection.send(get_call(connection, path, generation, options), path);
  if (outcome.error && outcome.response.status == 404) return {};
  if (!outcome.ok()) connection.fail("stat", path, outcome);
  auto object = parse_object(outcome.response.body);
  if (!object) connection.fail("stat", path, ErrorCode::corrupt, "the answer is no object");
  object->info.path = path;
  return object;
}

net::Verification resolve_ambiguous(Connection& connection, const Path& path,
                                    const Evidence& evidence, const CallOptions& options) {
  using State = net::Verification::State;
  const net::Outcome outcome = connection.send(get_call(connection, path, {}, options), path);
  if (outcome.error && outcome.response.status == 404) return {.state = State::absent};
  const auto object = outcome.ok() ? parse_object(outcome.response.body) : std::nullopt;
  if (!object) return net::not_asked(outcome);
  const FileInfo& info = object->info;
  const bool same_bytes =
      evidence.crc32c && info.checksum && info.checksum->value == *evidence.crc32c;
  const bool ours = evidence.token.empty() ? same_bytes : object->token == evidence.token;
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

void check_written(Connection& connection, std::string_view operation, const Path& path,
                   const FileInfo& info, const Evidence& sent, const CallOptions& options) {
  const bool same_crc = !info.checksum || !sent.crc32c || info.checksum->value == *sent.crc32c;
  if (info.size == sent.size && same_crc) return;
  remove_generation(connection, path, info.version, options);
  connection.fail(operation, path, ErrorCode::corrupt,
                  "what the service has stored is not what was sent; it was removed again");
}

}  // namespace cairn::vfs::gcs
