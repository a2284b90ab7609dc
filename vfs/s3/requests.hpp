// The requests of the S3 API as data: targets, headers, XML bodies. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vfs/net/transport.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs::s3 {

/// x-amz-meta- and net::kOperationToken.
inline constexpr std::string_view kTokenHeader = "x-amz-meta-cairn-op";

/// Between the two markers of a page token: no key holds it.
inline constexpr char kTokenSeparator = '\0';

using Query = std::vector<std::pair<std::string, std::string>>;

/// "/key?name=value", encoded, the query sorted by name.
[[nodiscard]] std::string target(const Path& key, Query query = {});
/// ListObjectsV2
[[nodiscard]] std::string list_target(const Path& prefix, const ListOptions& options);
/// ListObjectVersions and ListMultipartUploads. `what` is "versions" or "uploads"; the token is
/// that of the page before, as parse makes it.
[[nodiscard]] std::string list_marked_target(std::string_view what, const Path& prefix,
                                             std::string_view token);

/// Content type and metadata. Throws Error(invalid_argument) for what HTTP headers can't carry.
void add_description(net::Headers& headers, const WriteOptions& options);
/// If-None-Match and If-Match.
void add_conditions(net::Headers& headers, const WriteOptions& options);

/// A request whose body is a small XML document, with its SHA-256.
[[nodiscard]] net::Request xml_request(std::string method, std::string xml);

/// HEAD that asks for the checksum, too.
[[nodiscard]] net::Request head_request();

struct Part {
  std::string etag{};
  std::uint64_t size{0};
  std::optional<std::uint32_t> crc32c{};  ///< absent: the upload was started without checksums
};
[[nodiscard]] std::string complete_xml(std::span<const Part> parts);
/// The etag that S3 gives to the object: the MD5 of the MD5s that the parts' etags are, and their
/// number. Empty if they are something else (as with some encryptions).
[[nodiscard]] std::string multipart_etag(std::span<const Part> parts);
[[nodiscard]] std::string delete_xml(std::span<const Path> keys);
/// XML 1.0 can't carry most control characters, nor what is no UTF-8: such keys are removed one by
/// one.
[[nodiscard]] bool fits_in_xml(std::string_view key);
/// The value of x-amz-copy-source.
[[nodiscard]] std::string copy_source(std::string_view bucket, const Path& key,
                                      std::string_view version);

}  // namespace cairn::vfs::s3
