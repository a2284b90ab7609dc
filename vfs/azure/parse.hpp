// The answers of the Blob service's API. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "vfs/net/client.hpp"
#include "vfs/net/transport.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs::azure {

/// What is wrong; absent: success. Errors of Blob Storage come as XML, those of Data Lake as JSON,
/// and the answer to a HEAD has a header only. A success that lacks what is due is an error, too.
[[nodiscard]] std::optional<net::ServiceError> examine(const net::Request& request,
                                                       const net::Response& response);

/// What a response that is no success says.
[[nodiscard]] net::ServiceError parse_error(const net::Response& response);

/// Of the whole blob, where its metadata hold one that is of a content of that size.
[[nodiscard]] std::optional<Checksum> parse_checksum(const net::Headers& headers);

/// From the headers of GET and HEAD. The size is that of the whole blob, also where a range was
/// sent.
[[nodiscard]] FileInfo parse_info(const Path& path, const net::Headers& headers);

/// A blob that only marks a directory.
[[nodiscard]] bool is_folder(const net::Headers& headers);

/// All metadata, also the hidden ones.
[[nodiscard]] Metadata parse_metadata(const net::Headers& headers);

/// Absent if the text is not a list of blobs. Marks of directories are files with a '/' at the end.
[[nodiscard]] std::optional<ListPage> parse_list_page(std::string_view body);

struct CopyState {
  std::string id{};
  std::string status{};       ///< "pending", "success", "failed", "aborted"; empty: no copy
  std::string description{};  ///< why it failed
};
[[nodiscard]] CopyState parse_copy_state(const net::Headers& headers);

}  // namespace cairn::vfs::azure
