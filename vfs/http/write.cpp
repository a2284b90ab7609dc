#include "vfs/http/write.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "vfs/http/change.hpp"
#include "vfs/http/read.hpp"
#include "vfs/http/requests.hpp"
#include "vfs/net/doubt.hpp"

namespace cairn::vfs::http {
namespace {

using State = net::Verification::State;

/// Beside the file, under a name that nobody else has: the server can rename it at once.
Path temporary_beside(const Connection& connection, const Path& path) {
  const std::string name =
      fmt::format(".cairn-{}.tmp", net::make_token(*connection.services().random));
  const Path folder = path.parent();
  return folder.empty() ? Path(name) : folder / name;
}

/// What the server can't be trusted to look at by itself.
void check_condition(Connection& connection, std::string_view operation, const Path& path,
                     const WriteOptions& options) {
  const net::Condition condition = net::condition_of(options);
  if (condition == net::Condition::none) return;
  const auto info = look(connection, path, options.call);
  if (condition == net::Condition::absent && info) {
    connection.fail(operation, path, ErrorCode::already_exists, "there is such a file");
  }
  if (condition == net::Condition::same && (!info || !same_version(info->etag, options.if_match))) {
    connection.fail(operation, path, ErrorCode::precondition_failed, "the file has changed");
  }
}

/// With `Overwrite: T`, WebDAV takes a whole folder away for a file (RFC 4918 section 9.8.4).
void check_target(Connection& connection, std::string_view operation, const Path& path,
                  const CallOptions& options) {
  const auto info = look(connection, path, options);
  if (info && info->type == FileType::directory) {
    connection.fail(operation, path, ErrorCode::is_a_directory, "there is a folder of that name");
  }
}

FileInfo require_file(Connection& connection, std::string_view operation, const Path& path,
                      const CallOptions& options) {
  auto info = look(connection, path, options);
  if (!info) connection.fail(operation, path, ErrorCode::not_found, "there is no such file");
  if (info->type == FileType::directory) {
    connection.fail(operation, path, ErrorCode::is_a_directory, "it is a folder on the server");
  }
  return *std::move(info);
}

/// What the file says after a write: its etag, if it still is of the size that was written.
WriteResult result_of(Connection& connection, const Path& path, std::uint64_t size,
                      const CallOptions& options) {
  WriteResult result{.size = size};
  try {
    const auto info = look(connection, path, options);
    if (info && info->size == size) result.etag = info->etag;
  } catch (const Error&) {  // it is written, whether or not it can be looked at
  }
  return result;
}

/// Holds the file these bytes? The only token that a web server keeps.
bool holds(Connection& connection, const FileInfo& info, const Body& body,
           const CallOptions& options) {
  constexpr std::size_t kPiece = 4U << 20U;
  BodyReader reader(body);
  Buffer ours(std::min<std::uint64_t>(kPiece, body.size()));
  Buffer theirs(ours.size());
  for (std::uint64_t offset = 0; offset < body.size(); offset += kPiece) {
    const std::size_t count = reader.read(ours.span());
    const auto piece = theirs.span().first(count);
    const ReadResult read =
        read_file(connection, info.path, offset, piece, {.if_match = info.etag, .call = options});
    if (read.bytes != count || !std::ranges::equal(piece, ours.span().first(count))) return false;
  }
  return true;
}

net::Verification verify_bytes(Connection& connection, const Path& path, const Body& body,
                               const CallOptions& options) {
  try {
    const auto info = look(connection, path, options);
    if (!info) return {.state = State::absent};
    const bool ours = info->size == body.size() && holds(connection, *info, body, options);
    if (!ours) return {.state = State::other};
    return {.state = State::written, .result = {.size = info->size, .etag = info->etag}};
  } catch (const Error& error) {
    return {.cause = error.code()};
  }
}

WriteResult put_once(Connection& connection, const Path& path, const Body& body,
                     const WriteOptions& options) {
  const auto reply = send_change(connection, put_call(body, options), path);
  if (reply.outcome.ok()) {
    const std::string_view etag = reply.outcome.response.headers.get("etag");
    if (!etag.empty()) return {.size = body.size(), .etag = std::string(etag)};
    return result_of(connection, path, body.size(), options.call);
  }
  if (net::condition_of(options) == net::Condition::none) {
    connection.fail("write", path, reply.outcome);
  }
  const bool refused = reply.status() == 412;
  return net::settle(connection,
                     {.operation = "write",
                      .path = path,
                      .options = options,
                      .refusal = refused ? net::Refusal::precondition : net::Refusal::none,
                      .verify = [&] { return verify_bytes(connection, path, body, options.call); }},
                     reply.outcome);
}

/// Renames within the server. Only we know the name that it comes from: if it is gone, this is
/// done.
WriteResult rename(Connection& connection, std::string_view operation, const Move& move,
                   const WriteOptions& options) {
  const auto reply =
      send_change(connection, move_call(connection.site(), operation, move, options.call), move.to);
  const auto result = [&] { return result_of(connection, move.to, move.size, options.call); };
  if (reply.outcome.ok()) return result();
  const bool refused = reply.status() == 412 || reply.status() == 404;
  const auto verify = [&]() -> net::Verification {
    try {
      if (look(connection, move.from, options.call)) return {.state = State::absent};
      return {.state = State::written, .result = result()};
    } catch (const Error& error) {
      return {.cause = error.code()};
    }
  };
  return net::settle(connection,
                     {.operation = operation,
                      .path = move.to,
                      .options = options,
                      .refusal = refused ? net::Refusal::precondition : net::Refusal::none,
                      .verify = verify},
                     reply.outcome);
}

/// Makes the whole under another name first: `Overwrite: F` is the one condition that every WebDAV
/// server knows.
template <class Make>
WriteResult create_by_rename(Connection& connection, std::string_view operation, const Path& path,
                             const WriteOptions& options, Make make) {
  check_condition(connection, operation, path, options);
  const Path temporary = temporary_beside(connection, path);
  try {
    const WriteResult made = make(temporary);
    return rename(connection, operation,
                  {.from = temporary, .to = path, .size = made.size, .overwrite = false}, options);
  } catch (...) {
    discard(connection, temporary);
    throw;
  }
}

WriteOptions without_condition(WriteOptions options) {
  options.if_absent = false;
  options.if_match.clear();
  return options;
}

WriteResult copy_by_server(Connection& connection, const FileInfo& source, const Path& to,
                           const WriteOptions& options) {
  const auto reply =
      send_change(connection, copy_call(connection.site(), source, to, options.call), to);
  if (!reply.outcome.ok()) {
    connection.fail("copy", to, reply.outcome, net::condition_of(options));
  }
  return result_of(connection, to, source.size, options.call);
}

/// Through this machine. The bytes wait on disk, so that the target is made at once.
WriteResult copy_by_hand(const std::shared_ptr<Connection>& connection, const FileInfo& source,
                         const Path& to, const WriteOptions& options) {
  constexpr std::uint64_t kPiece = 8ULL << 20U;
  WriteOptions with_source = options;
  if (options.content_type.empty()) with_source.content_type = source.content_type;
  const auto upload = start_spooled(connection, to, with_source);
  Buffer piece(std::min(kPiece, source.size));
  for (std::uint64_t offset = 0; offset < source.size; offset += kPiece) {
    const auto part = piece.span().first(std::min(kPiece, source.size - offset));
    const ReadResult read = read_file(*connection, source.path, offset, part,
                                      {.if_match = source.etag, .call = options.call});
    if (read.bytes != part.size()) {
      connection->fail("copy", source.path, ErrorCode::corrupt, "the file ends too early");
    }
    upload->put_part(static_cast<std::uint32_t>(offset / kPiece), Body(part), options.call);
  }
  return upload->commit(options.call);
}

}  // namespace

WriteResult put_file(Connection& connection, const Path& path, const Body& body,
                     const WriteOptions& options) {
  if (options.if_absent && connection.powers(path, options.call).move) {
    return create_by_rename(connection, "write", path, options, [&](const Path& temporary) {
      return put_once(connection, temporary, body, without_condition(options));
    });
  }
  check_condition(connection, "write", path, options);
  return put_once(connection, path, body, options);
}

WriteResult copy_file(const std::shared_ptr<Connection>& connection, const Path& from,
                      const Path& to, const WriteOptions& options) {
  const FileInfo source = require_file(*connection, "copy", from, options.call);
  if (from == to && options.if_absent) {
    connection->fail("copy", to, ErrorCode::already_exists, "source and target are the same");
  }
  if (from == to) return {.size = source.size, .etag = source.etag};
  const Powers powers = connection->powers(to, options.call);
  if (!powers.copy || !connection->powers(from, options.call).copy) {
    return copy_by_hand(connection, source, to, options);
  }
  if (options.if_absent && powers.move) {
    return create_by_rename(*connection, "copy", to, options, [&](const Path& temporary) {
      return copy_by_server(*connection, source, temporary, without_condition(options));
    });
  }
  check_condition(*connection, "copy", to, options);
  check_target(*connection, "copy", to, options.call);
  return copy_by_server(*connection, source, to, options);
}

WriteResult move_file(const std::shared_ptr<Connection>& connection, const Path& from,
                      const Path& to, const WriteOptions& options) {
  const FileInfo source = require_file(*connection, "move", from, options.call);
  if (from == to) return {.size = source.size, .etag = source.etag};
  check_condition(*connection, "move", to, options);
  if (connection->powers(from, options.call).move && connection->powers(to, options.call).move) {
    check_target(*connection, "move", to, options.call);
    return rename(*connection, "move",
                  {.from = from, .to = to, .size = source.size, .overwrite = !options.if_absent},
                  options);
  }
  const WriteResult result = copy_file(connection, from, to, options);
  const auto made = look(*connection, to, options.call);
  if (!made || made->size != source.size) {
    connection->fail("move", to, ErrorCode::corrupt, "the copy is not there in full",
                     "the source was left as it was");
  }
  remove_one(*connection, from, options.call);
  return result;
}

}  // namespace cairn::vfs::http
