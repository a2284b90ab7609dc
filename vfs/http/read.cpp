#include "vfs/http/read.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "vfs/http/reference.hpp"

namespace cairn::vfs::http {
namespace {

/// How much of a file may be read in vain before a range, where the server sends no ranges.
constexpr std::uint64_t kMaxDropped = 256ULL << 20U;

FileInfo directory_info(const Path& path) {
  return {.path = path, .type = FileType::directory};
}

bool is_absent(int status) {
  return status == 404 || status == 410;
}

/// What a server says that allows GET and no HEAD, or a signed URL that is good for a GET only.
bool may_allow_get(int status) {
  return status == 400 || status == 403 || status == 405 || status == 501;
}

/// The first byte, which comes with all that a HEAD would tell.
std::optional<FileInfo> look_by_get(Connection& connection, const Path& path,
                                    const CallOptions& options) {
  std::array<std::byte, 1> first{};
  const auto reply = connection.follow(
      {.operation = "stat", .destination = first, .range_start = 0, .options = options}, path);
  if (reply.directory) return directory_info(path);
  if (is_absent(reply.status())) return {};
  const net::Headers& headers = reply.outcome.response.headers;
  if (reply.status() == 416) return parse_info(path, headers);  // it is empty
  if (!reply.outcome.ok()) connection.fail("stat", path, reply.outcome);
  if (!whole_size(headers) && reply.outcome.response.received != 0) {
    connection.fail("stat", path, ErrorCode::unsupported,
                    "the server does not say how large the file is",
                    "it makes the answer while it sends it: copy it by other means first");
  }
  return parse_info(path, headers);
}

/// "d/": servers send whoever asks for "d" there if it is a folder. Others show it only under its
/// own name.
std::optional<FileInfo> look_for_directory(Connection& connection, const Path& path,
                                           const CallOptions& options) {
  const std::string& text = path.string();
  const Path name(text.substr(0, text.find_last_not_of('/') + 1));
  if (name.empty()) return directory_info(path);
  const auto head = [&](const Path& asked) {
    return connection.follow(
        {.operation = "stat", .request = {.method = "HEAD"}, .options = options}, asked);
  };
  const auto plain = head(name);
  if (plain.directory) return directory_info(path);
  if (plain.outcome.ok()) return {};  // a file
  const auto own = head(path);
  if (own.outcome.ok()) return directory_info(path);
  const int status = own.status();
  if (is_absent(status) || status == 405 || status == 501) return {};
  connection.fail("stat", path, own.outcome);
}

/// Servers that don't know conditions, or whose etag is too weak for one, send what they have.
void check_version(const Connection& connection, const ReadOptions& options, FileInfo& info) {
  if (options.if_match.empty()) return;
  if (!same_version(info.etag, options.if_match)) {
    connection.fail("read", info.path, ErrorCode::precondition_failed, "the file has changed");
  }
  info.etag = options.if_match;
}

/// Past the end, or an empty file: only its head is of interest.
ReadResult read_nothing(Connection& connection, const Path& path, const ReadOptions& options) {
  auto info = look(connection, path, options.call);
  if (!info) connection.fail("read", path, ErrorCode::not_found, "there is no such file");
  check_version(connection, options, *info);
  return {.info = *std::move(info)};
}

[[noreturn]] void fail_to_read(Connection& connection, const Path& path,
                               const Connection::Reply& reply) {
  const bool ignored = reply.outcome.error && reply.status() == 200 &&
                       reply.outcome.error->code == "InvalidRangeResponse";
  if (!ignored) connection.fail("read", path, reply.outcome);
  connection.fail("read", path, ErrorCode::unsupported,
                  fmt::format("the server sends whole files only, and more than {} MiB of it would "
                              "be read in vain",
                              kMaxDropped >> 20U),
                  "read the file from its start, or from a server that sends ranges");
}

/// A read that is pinned to a version may begin where an earlier one was sent to; if that place
/// does not hold any more, it begins anew.
Connection::Reply ask_for_bytes(Connection& connection, const Path& path, net::Call call) {
  const std::string known =
      call.request.headers.find("if-match") ? connection.remembered(path) : std::string();
  if (!known.empty()) {
    net::Call again = call;
    again.target = known;
    auto reply = connection.follow(std::move(again), path);
    const int status = reply.status();
    if (reply.outcome.ok() || status < 400 || status == 416) return reply;
    connection.remember(path, {});
  }
  auto reply = connection.follow(std::move(call), path);
  const bool moved = reply.outcome.ok() && reply.url != connection.target(path);
  if (moved) connection.remember(path, reply.url);
  return reply;
}

Entries parse_page(const Connection& connection, const Path& folder, const std::string& url,
                   net::Response& response) {
  const std::string_view type = response.headers.get("content-type");
  const std::string_view body = response.body;
  if (type.starts_with("application/json")) {
    if (auto entries = parse_json(body)) return *std::move(entries);
  } else if (type.starts_with("text/html") || type.starts_with("application/xhtml")) {
    return parse_html(url, body);
  }
  connection.fail("list", folder, ErrorCode::unsupported,
                  "the server's answer is no list of files that is known here",
                  "known are index pages in HTML, nginx's JSON, and WebDAV");
}

Connection::Reply ask_for_entries(Connection& connection, const Path& folder, const Powers& powers,
                                  const CallOptions& options) {
  constexpr std::string_view kProperties =
      "<?xml version=\"1.0\" encoding=\"utf-8\"?><propfind xmlns=\"DAV:\"><prop><resourcetype/>"
      "<getcontentlength/><getlastmodified/><getetag/><getcontenttype/></prop></propfind>";
  net::Call call{.operation = "list", .options = options};
  if (powers.propfind) {
    call.request = {.method = "PROPFIND", .body = kProperties, .has_body = true};
    call.request.headers.set("depth", "1");
    call.request.headers.set("content-type", "application/xml; charset=utf-8");
  } else {
    call.request.headers.set("accept", "text/html, application/json;q=0.9, */*;q=0.1");
  }
  return connection.follow(std::move(call), folder);
}

}  // namespace

std::optional<FileInfo> look(Connection& connection, const Path& path, const CallOptions& options) {
  if (path.empty() || path.has_trailing_slash()) {
    return look_for_directory(connection, path, options);
  }
  const auto reply = connection.follow(
      {.operation = "stat", .request = {.method = "HEAD"}, .options = options}, path);
  if (reply.directory) return directory_info(path);
  if (is_absent(reply.status())) return {};
  if (may_allow_get(reply.status())) return look_by_get(connection, path, options);
  if (!reply.outcome.ok()) connection.fail("stat", path, reply.outcome);
  const net::Headers& headers = reply.outcome.response.headers;
  if (!whole_size(headers)) return look_by_get(connection, path, options);
  return parse_info(path, headers);
}

ReadResult read_file(Connection& connection, const Path& path, std::uint64_t offset,
                     std::span<std::byte> out, const ReadOptions& options) {
  if (out.empty()) return read_nothing(connection, path, options);
  net::Call call{.operation = "read",
                 .destination = out,
                 .range_start = offset,
                 .digest = options.digest.value_or(ChecksumType::crc32c),
                 .max_skip = kMaxDropped,
                 .options = options.call};
  if (!options.if_match.empty()) call.request.headers.set("if-match", options.if_match);
  const auto reply = ask_for_bytes(connection, path, std::move(call));
  if (reply.directory) {
    connection.fail("read", path, ErrorCode::is_a_directory, "it is a folder on the server");
  }
  if (reply.status() == 416) return read_nothing(connection, path, options);
  if (!reply.outcome.ok()) fail_to_read(connection, path, reply);
  const net::Response& response = reply.outcome.response;
  const auto size = whole_size(response.headers);
  // Apache answers with a 200 to a range that holds the whole file.
  const bool more = offset != 0 || size.value_or(0) > out.size();
  if (response.status == 200 && more) connection.note_ignored_range();
  ReadResult result{.bytes = response.received,
                    .info = parse_info(path, response.headers),
                    .checksum = response.checksum};
  check_version(connection, options, result.info);
  if (!size && result.bytes < out.size()) result.info.size = offset + result.bytes;  // it ended
  return result;
}

Entries list_folder(Connection& connection, const Path& folder, const CallOptions& options) {
  const Powers powers = connection.powers(folder, options);
  auto reply = ask_for_entries(connection, folder, powers, options);
  const bool refused = reply.status() == 405 || reply.status() == 501;
  if (powers.propfind && refused) reply = ask_for_entries(connection, folder, {}, options);
  if (is_absent(reply.status())) return {};
  // So Apache says that "f/" is a file.
  if (reply.status() == 400 && !look(connection, folder, options)) return {};
  if (!reply.outcome.ok()) connection.fail("list", folder, reply.outcome);
  net::Response& response = reply.outcome.response;
  if (response.status != 207) return parse_page(connection, folder, reply.url, response);
  auto entries = parse_multistatus(reply.url, std::move(response.body));
  if (!entries) {
    connection.fail("list", folder, ErrorCode::corrupt,
                    "the server's answer is not a WebDAV multistatus, or larger than is taken");
  }
  return *std::move(entries);
}

}  // namespace cairn::vfs::http
