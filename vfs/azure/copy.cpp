#include "vfs/azure/copy.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "vfs/azure/copy_async.hpp"
#include "vfs/azure/doubt.hpp"
#include "vfs/azure/parse.hpp"
#include "vfs/azure/requests.hpp"
#include "vfs/azure/sas.hpp"
#include "vfs/azure/upload.hpp"
#include "vfs/base/thread_pool.hpp"

namespace cairn::vfs::azure {
namespace {

constexpr std::uint64_t kMaxSinglePut = 256ULL << 20U;  // larger ones are faster in parallel
constexpr std::uint64_t kCopyBlock = 128ULL << 20U;
constexpr std::chrono::hours kSourceSas{6};
constexpr int kMaxConflicts = 3;

/// What a copy gets: the options, and the source's where they say nothing.
WriteOptions with_source(const CopySource& source, const WriteOptions& options) {
  WriteOptions result = options;
  const auto take = [&](std::string& value, std::string_view header) {
    if (value.empty()) value = source.headers.get(header);
  };
  take(result.content_type, "content-type");
  take(result.cache_control, "cache-control");
  take(result.content_disposition, "content-disposition");
  take(result.content_encoding, "content-encoding");
  if (result.metadata.empty()) result.metadata = source.info.metadata;
  return result;
}

/// The headers that name the source and may read it. Absent: this server can't be told so.
std::optional<net::Headers> source_headers(Connection& connection, const CopySource& source,
                                           const WriteOptions& options) {
  Query query;
  if (!options.source_version.empty()) query.emplace_back("versionid", options.source_version);
  const ContainerConfig& config = connection.config();
  std::string url = config.endpoint + connection.target(source.info.path, query);
  const char separator = query.empty() ? '?' : '&';
  net::Headers headers;
  if (const auto held = connection.held_credentials("copy", source.info.path, options.call)) {
    if (!held->token.empty()) {
      headers.set("x-ms-copy-source-authorization", "Bearer " + held->token.reveal());
    } else {
      Secret sas = held->sas;
      if (!held->key.empty()) {
        sas = sign_grant({.account = config.account,
                          .container = config.container,
                          .path = source.info.path,
                          .expires = connection.server_now() + kSourceSas,
                          .version = options.source_version,
                          .https_only = config.endpoint.starts_with("https:")},
                         held->key);
      }
      if (sas.empty()) return {};
      url.append(1, separator).append(sas.reveal());
    }
  }
  headers.set("x-ms-copy-source", url);
  headers.set("x-ms-source-if-match", source.info.etag);
  return headers;
}

/// The server knows no such request.
bool is_unknown(int status, std::string_view code) {
  constexpr std::array<std::string_view, 4> kUnknown{"APINotImplemented", "FeatureNotSupported",
                                                     "NotImplemented", "UnsupportedHeader"};
  return status == 501 || std::ranges::find(kUnknown, code) != kUnknown.end();
}

/// The server does not do it so, or can't read the source so: not that the copy is wrong.
bool is_not_served(Connection& connection, const Error& error) {
  const std::string& code = error.details().service_code;
  if (is_unknown(error.details().http_status, code)) {
    connection.lacks().copy_from_url = true;
    return true;
  }
  return code == "CannotVerifyCopySource" || code == "NoAuthenticationInformation";
}

WriteResult copy_at_once(Connection& connection, const CopySource& source,
                         const net::Headers& headers, const Path& to, const WriteOptions& options) {
  const std::string token = net::make_token(*connection.services().random);
  net::Call call{.operation = "copy",
                 .target = connection.target(to),
                 .request = {.method = "PUT", .headers = headers, .has_body = true},
                 .response_patience = connection.services().config.http.commit_timeout,
                 .options = options.call};
  net::Headers& sent = call.request.headers;
  sent.set("x-ms-blob-type", "BlockBlob");
  add_description(sent, options, connection.tier());
  add_conditions(sent, options);
  sent.set(kTokenHeader, token);
  if (source.info.checksum) {
    sent.set(kChecksumHeader, checksum_value(source.info.checksum->value, source.info.size));
  }
  const net::Outcome outcome = connection.send(std::move(call), to);
  if (outcome.ok()) {
    const net::Headers& answer = outcome.response.headers;
    return {.size = source.info.size,
            .etag = std::string(answer.get("etag")),
            .version = std::string(answer.get("x-ms-version-id"))};
  }
  // No server carries out what it does not know, whatever its status says.
  if (outcome.error && is_unknown(outcome.response.status, outcome.error->code)) {
    connection.fail("copy", to, outcome);
  }
  return settle(connection, "copy", to, outcome, {.token = token, .size = source.info.size},
                options);
}

WriteResult copy_by_blocks(const std::shared_ptr<Connection>& connection, const CopySource& source,
                           const net::Headers& headers, const Path& to,
                           const WriteOptions& options) {
  BlockUpload upload(connection, to, options);
  if (source.info.checksum) upload.set_checksum(*source.info.checksum);
  const std::uint64_t size = source.info.size;
  const std::uint64_t block = std::max(kCopyBlock, size / kMaxBlocks + 1);
  const std::uint64_t count = (size + block - 1) / block;
  const Services& services = connection->services();
  services.pool->for_each(
      count, static_cast<std::size_t>(std::max(services.config.transfer.parallel, 1)),
      [&](std::size_t index, const std::stop_token& stop) {
        const std::uint64_t offset = index * block;
        upload.copy_part(static_cast<std::uint32_t>(index), headers,
                         {.offset = offset, .length = std::min(block, size - offset)},
                         {.stop = stop, .deadline = options.call.deadline});
      },
      options.call.stop);
  return upload.commit(options.call);
}

WriteResult copy_from_url(const std::shared_ptr<Connection>& connection, const CopySource& source,
                          const net::Headers& headers, const Path& to,
                          const WriteOptions& options) {
  if (source.info.size <= kMaxSinglePut) {
    return copy_at_once(*connection, source, headers, to, options);
  }
  for (int attempt = 1;; ++attempt) {
    try {
      return copy_by_blocks(connection, source, headers, to, options);
    } catch (const Error& error) {  // another upload of that name ended: its list dropped ours
      if (error.code() != ErrorCode::conflict || attempt == kMaxConflicts) throw;
    }
  }
}

}  // namespace

bool changes_anything(const WriteOptions& options) {
  return !options.content_type.empty() || !options.metadata.empty() ||
         !options.cache_control.empty() || !options.content_disposition.empty() ||
         !options.content_encoding.empty() || !options.storage_class.empty() ||
         !options.tags.empty();
}

WriteResult copy_blob(const std::shared_ptr<Connection>& connection, const CopySource& source,
                      const Path& to, const WriteOptions& options) {
  const WriteOptions described = with_source(source, options);
  if (!connection->lacks().copy_from_url) {
    try {
      if (const auto headers = source_headers(*connection, source, options)) {
        return copy_from_url(connection, source, *headers, to, described);
      }
    } catch (const Error& error) {
      if (!is_not_served(*connection, error)) throw;
    }
  }
  return copy_and_wait(*connection, source, to, described);
}

}  // namespace cairn::vfs::azure
