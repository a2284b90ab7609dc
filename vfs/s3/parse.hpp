// The responses of the S3 API. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vfs/net/client.hpp"
#include "vfs/net/transport.hpp"
#include "vfs/powers.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs::s3 {

/// What is wrong; absent: success. A 200 can hold an error too: its body tells (CopyObject,
/// UploadPartCopy, CompleteMultipartUpload), or is not what the request's answer has to look like.
[[nodiscard]] std::optional<net::ServiceError> examine(const net::Request& request,
                                                       const net::Response& response);

/// Of the whole object, where the headers of GET and HEAD hold it. One over the checksums of an
/// upload's parts ("composite") is none.
[[nodiscard]] std::optional<Checksum> parse_checksum(const net::Headers& headers);

/// From the headers of GET and HEAD. The size is that of the whole object, also where a range was
/// sent.
[[nodiscard]] FileInfo parse_info(const Path& path, const net::Headers& headers);

/// Absent if the text is not a ListBucketResult.
[[nodiscard]] std::optional<ListPage> parse_list_page(std::string body);

/// Absent if the text is not a ListVersionsResult.
[[nodiscard]] std::optional<VersionPage> parse_version_page(std::string body);
/// Absent if the text is not a ListMultipartUploadsResult.
[[nodiscard]] std::optional<UploadPage> parse_upload_page(std::string body);

/// The text of a child of the root; empty if there is none. "ETag", "UploadId".
[[nodiscard]] std::string parse_field(std::string body, const char* name);

struct KeyError {
  std::string key{};
  std::string code{};
  std::string message{};
};
/// Of a DeleteResult.
[[nodiscard]] std::vector<KeyError> parse_delete_errors(std::string body);

}  // namespace cairn::vfs::s3
