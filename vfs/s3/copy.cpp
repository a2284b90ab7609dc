#include "vfs/s3/copy.hpp"

#include <algorithm>

#include "vfs/base/thread_pool.hpp"
#include "vfs/s3/parse.hpp"
#include "vfs/s3/requests.hpp"
#include "vfs/s3/upload.hpp"

namespace cairn::vfs::s3 {
namespace {

constexpr std::uint64_t kMaxCopyObject = 5ULL << 30U;
constexpr std::uint64_t kCopyPart = 512ULL << 20U;
constexpr std::uint64_t kMaxParts = 10'000;

/// In 512 MiB parts, or larger ones where that would be too many.
WriteResult copy_by_parts(const std::shared_ptr<Connection>& connection, const FileInfo& source,
                          const Path& to, WriteOptions options) {
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
  net::Response response = connection->require(std::move(call), to);
  return {.size = source.size,
          .etag = parse_field(std::move(response.body), "ETag"),
          .version = std::string(response.headers.get("x-amz-version-id"))};
}

}  // namespace cairn::vfs::s3
