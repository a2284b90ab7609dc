#include "vfs/s3/copy.hpp"

#include <algorithm>

#include "vfs/base/thread_pool.hpp"
#include "vfs/s3/doubt.hpp"
#include "vfs/s3/object_options.hpp"
#include "vfs/s3/parse.hpp"
#include "vfs/s3/requests.hpp"
#include "vfs/s3/upload.hpp"

namespace cairn::vfs::s3 {
namespace {

constexpr std::uint64_t kMaxCopyObject = 5ULL << 30U;
constexpr std::uint64_t kCopyPart = 512ULL << 20U;
constexpr std::uint64_t kMaxParts = 10'000;
constexpr int kMaxConflicts = 3;

/// S3 takes over either all of what describes the source, or nothing.
bool describes(const WriteOptions& options) {
  return !options.content_type.empty() || !options.metadata.empty() ||
         !options.cache_control.empty() || !options.content_disposition.empty() ||
         !options.content_encoding.empty();
}

/// In 512 MiB parts, or larger ones where that would be too many.
WriteResult copy_by_parts_once(const std::shared_ptr<Connection>& connection,
                               const CopySource& source, const Path& to, WriteOptions options) {
  if (options.content_type.empty()) options.content_type = source.info.content_type;
  if (options.metadata.empty()) options.metadata = source.info.metadata;
  const CallOptions call = options.call;
  MultipartUpload upload(connection, to, std::move(options), PartSource::object);
  const std::uint64_t part = std::max(kCopyPart, source.info.size / kMaxParts + 1);
  const std::uint64_t count = (source.info.size + part - 1) / part;
  const std::string copied =
      copy_source(connection->config().bucket, source.info.path, source.version);
  const Services& services = connection->services();
  services.pool->for_each(
      count, static_cast<std::size_t>(std::max(services.config.transfer.parallel, 1)),
      [&](std::size_t index, const std::stop_token& stop) {
        const std::uint64_t offset = index * part;
        upload.copy_part(static_cast<std::uint32_t>(index), copied, source.info.etag,
                         {.offset = offset, .length = std::min(part, source.info.size - offset)},
                         {.stop = stop, .deadline = call.deadline});
      },
      call.stop);
  return upload.commit(call);
}

/// Another conditional write that gets in the way costs a whole upload: S3 wants it from the start.
WriteResult copy_by_parts(const std::shared_ptr<Connection>& connection, const CopySource& source,
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

bool changes_anything(const WriteOptions& options) {
  return describes(options) || !options.storage_class.empty() || !options.tags.empty();
}

WriteResult copy_object(const std::shared_ptr<Connection>& connection, const CopySource& source,
                        const Path& to, const WriteOptions& options) {
  const bool conditional = options.if_absent || !options.if_match.empty();
  if (conditional || source.info.size > kMaxCopyObject) {
    return copy_by_parts(connection, source, to, options);
  }
  net::Call call{.operation = "copy",
                 .target = target(to),
                 .request = {.method = "PUT", .has_body = true},
                 .options = options.call};
  net::Headers& headers = call.request.headers;
  headers.set("x-amz-copy-source",
              copy_source(connection->config().bucket, source.info.path, source.version));
  headers.set("x-amz-copy-source-if-match", source.info.etag);
  add_object_options(headers, connection->options(), options);
  add_copy_source_options(headers, connection->options());
  if (!options.tags.empty()) headers.set("x-amz-tagging-directive", "REPLACE");
  if (describes(options)) {
    WriteOptions description{.content_type = options.content_type, .metadata = options.metadata};
    if (description.content_type.empty()) description.content_type = source.info.content_type;
    if (description.metadata.empty()) description.metadata = source.info.metadata;
    headers.set("x-amz-metadata-directive", "REPLACE");
    add_description(headers, description);
  }
  call.response_patience = connection->services().config.http.commit_timeout;
  net::Outcome outcome = connection->send(std::move(call), to);
  if (!outcome.ok()) {
    return settle(*connection, "copy", to, outcome,
                  {.etag = source.info.etag, .size = source.info.size}, options);
  }
  net::Response& response = outcome.response;
  return {.size = source.info.size,
          .etag = parse_field(std::move(response.body), "ETag"),
          .version = std::string(response.headers.get("x-amz-version-id"))};
}

}  // namespace cairn::vfs::s3
