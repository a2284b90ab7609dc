// A look at a document before it is parsed: what it may hold, and how large its tree would get.
#pragma once

#include <cstddef>
#include <string_view>

namespace cairn::vfs::net {

inline constexpr std::size_t kMaxXmlSize = 16U << 20U;
inline constexpr std::size_t kMaxXmlDepth = 32;
/// Elements, attributes and CDATA sections together. A page of 1,000 keys has about 10,000.
inline constexpr std::size_t kMaxXmlNodes = 200'000;

/// False for what no service has a reason to send: document types, processing instructions (but the
/// declaration at the start), characters that XML forbids, bytes that are not UTF-8, and what goes
/// beyond the limits. In memory that does not grow, and in one pass. Says nothing of whether the
/// document is well-formed.
[[nodiscard]] bool is_harmless_xml(std::string_view text);

/// Well-formed UTF-8 (RFC 3629) without control characters but tab, line feed and carriage return.
[[nodiscard]] bool is_xml_text(std::string_view text);

}  // namespace cairn::vfs::net
