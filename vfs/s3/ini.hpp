// AWS's dialect of INI, as in ~/.aws/config and ~/.aws/credentials.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace cairn::vfs::s3 {

/// Values by key. A nested value ("s3 =" and then indented lines "endpoint_url = x") has the key
/// "s3.endpoint_url".
using IniSection = std::map<std::string, std::string, std::less<>>;
/// Sections by name, spaces folded and quotes taken away: "profile my work".
using Ini = std::map<std::string, IniSection, std::less<>>;

/// Never fails: lines that make no sense are passed over, as AWS's own tools do. A section that
/// comes twice is merged.
[[nodiscard]] Ini parse_ini(std::string_view text);

}  // namespace cairn::vfs::s3
