// The requests of the Blob service's API as data: targets, headers, bodies. Pure.
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

namespace cairn::vfs::azure {

inline constexpr std::string_view kMetadataPrefix = "x-ms-meta-";
/// Hidden metadata: which write made the blob, and the CRC64 and size of its content.
inline constexpr std::string_view kTokenName = "cairn_op";
inline constexpr std::string_view kChecksumName = "cairn_crc64";
inline constexpr std::string_view kTokenHeader = "x-ms-meta-cairn_op";
inline constexpr std::string_view kChecksumHeader = "x-ms-meta-cairn_crc64";
/// What marks a blob as a directory, for clients that know such (WASB, Data Lake).
inline constexpr std::string_view kFolderName = "hdi_isfolder";

inline constexpr std::string_view kCrc64Header = "x-ms-content-crc64";

using Query = std::vector<std::pair<std::string, std::string>>;

/// "/container/key?name=value", encoded.
[[nodiscard]] std::string target(std::string_view container, const Path& key,
                                 const Query& query = {});
[[nodiscard]] std::string list_target(std::string_view container, const Path& prefix,
                                      const ListOptions& options);

/// Content type, the other properties and the metadata; the tier, if options name none. Throws
/// Error(invalid_argument) for what headers or Azure's rules for names can't carry.
void add_description(net::Headers& headers, const WriteOptions& options,
                     std::string_view tier = {});
/// If-None-Match and If-Match.
void add_conditions(net::Headers& headers, const WriteOptions& options);

/// "00c1a2…-1024": CRC64 and size, as hidden metadata holds them.
[[nodiscard]] std::string checksum_value(std::uint64_t crc64, std::uint64_t size);

/// The names of an upload's blocks: unlike those of all other uploads, and equally long.
[[nodiscard]] std::string block_id(std::string_view token, std::uint32_t index);

/// A request whose body is a small XML document.
[[nodiscard]] net::Request xml_request(std::string method, std::string xml);
[[nodiscard]] std::string block_list_xml(std::span<const std::string> ids);

}  // namespace cairn::vfs::azure
