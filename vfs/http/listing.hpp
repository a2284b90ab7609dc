// What a folder holds, as servers tell it: index pages in HTML and JSON, and WebDAV. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vfs/types.hpp"

namespace cairn::vfs::http {

/// An entry's path is its name, decoded; that of a directory ends in '/'.
using Entries = std::vector<FileInfo>;

/// The name that a reference on the page of a folder gives to something right in it; empty: it
/// leads elsewhere (to a parent, another host, below a child, or to the same page sorted anew).
[[nodiscard]] std::string child_name(std::string_view folder, std::string_view reference);

/// The links of a page, each name once. Exact sizes, and times in UTC, where the page of nginx has
/// them. A scanner for links, no HTML parser: it knows comments, scripts and styles only to leave
/// them out, runs no script, and heeds <base href>.
[[nodiscard]] Entries parse_html(std::string_view folder, std::string_view page);
/// nginx's autoindex_format json. Absent: it is something else.
[[nodiscard]] std::optional<Entries> parse_json(std::string_view body);
/// The answer to a PROPFIND of depth 1 (RFC 4918 section 9.1). Absent: it is something else.
[[nodiscard]] std::optional<Entries> parse_multistatus(std::string_view folder, std::string body);

}  // namespace cairn::vfs::http
