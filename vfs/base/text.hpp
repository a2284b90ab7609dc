// Small pure functions over texts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::vfs {

/// ASCII letters only: never depends on the locale.
[[nodiscard]] std::string to_lower(std::string_view text);
/// 16 digits.
[[nodiscard]] std::string to_hex(std::uint64_t value);
/// The one of `names` that `word` is most likely a slip of; empty if none is near.
[[nodiscard]] std::string nearest(std::string_view word, const std::vector<std::string>& names);
[[nodiscard]] std::string join(const std::vector<std::string>& parts, std::string_view separator);

}  // namespace cairn::vfs
