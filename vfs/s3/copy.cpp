#include "vfs/s3/copy.hpp"

#include <algorithm>

#include "vfs/base/thread_pool.hpp"
#include "vfs/s3/doubt.hpp"
#include "vfs/s3/parse.hpp"
#include "vfs/s3/requests.hpp"
#include "vfs/s3/upload.hpp"

namespace cairn::vfs::s3 {
namespace {

constexpr std::uint64_t kMaxCopyObject = 5ULL << 30U;
constexpr std::uint64_t kCopyPart = 512ULL << 20U;
constexpr std::uint64_t kMaxParts = 10'000;
constexpr int kMaxConflicts = 3;

/// In 512 MiB parts, or larger ones where that would be too many.
WriteResult copy_by_parts_once(const std::shared_ptr<Connection>& connection,
                               const FileInfo& source, const Path& to, WriteOptions options) {
  if (options.content_type.empty()) options.content_type = source.content_type;
  if (options.metadata.empty()) options.metadata = source.metadata;
  const CallOptions call = options.call;
  MultipartUpload upload(connection, to, std::move(options), PartSource::object);
  const std::uint64_t part = std::max(kCopyPart, source.size / kMaxParts + 1);
  const std::uint64_t count = (source.size + part - 1) / part;
  const Services& services = connection->services();
  services.pool->for_each(
      count, static_cast<std::size_t>(std::max(services.config.transfer.parallel, 1)),
      [&](std::size_t index, const std::stop_token& stop) {
        const std::uint64_t offset = index * part;
        upload.copy_part(static_cast<std::uint32_t>(index), source.path, source.etag,
                         {.offset = offset, .length = std::min(part, source.size - offset)},
                         {.stop = stop, .deadline = call.deadline});
      },
      call.stop);
  return upload.commit(call);
}

/// Another conditional write that gets in the way costs a whole upload: S3 wants it from the start.
WriteResult copy_by_parts(const std::shared_ptr<Connection>& connection, const FileInfo& source,
                          const Path& to, const WriteOptions& options) {
  for (int attempt = 1;; ++attempt) {
    try {
      return copy_by_parts_once(connection, source, to, options);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::conflict || attempt == kMaxConflicts) throw;
    }
  }
}

}  // namespace

WriteResult copy_object(const std::shared_ptr<Connection>& connection, const FileInfo& source,
                        const Path& to, const WriteOptions& options) {
  const bool conditional = options.if_absent || !options.if_match.empty();
  if (conditional || source.size > kMaxCopyObject) {
    return copy_by_parts(connection, source, to, options);
  }
  net::Call call{.operation = "copy",
                 .target = target(to),
                 .request = {.method = "PUT", .has_body = true},
                 .options = options.call};
  net::Headers& headers = call.request.headers;
  headers.set("x-amz-copy-source", copy_source(connection->config().bucket, source.path));
  headers.set("x-amz-copy-source-if-match", source.etag);
  if (!options.content_type.empty() || !options.metadata.empty()) {
    WriteOptions description{.content_type = options.content_type, .metadata = options.metadata};
    if (description.content_type.empty()) description.content_type = source.content_type;
    if (description.metadata.empty()) description.metadata = source.metadata;
    headers.set("x-amz-metadata-directive", "REPLACE");
    add_description(headers, description);
  }
  call.response_patience = connection->services().config.http.commit_timeout;
  net::Outcome outcome = connection->send(std::move(call), to);
  if (!outcome.ok()) {
    return settle(*connection, "copy", to, outcome, {.etag = source.etag, .size = source.size},
                  options);
  }
  net::Response& response = outcome.response;
  return {.size = source.size,
          .etag = parse_field(std::move(response.body), "ETag"),
          .version = std::string(response.headers.get("x-amz-version-id"))};
}

}  // namespace cairn::vfs::s3
