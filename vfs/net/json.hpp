// JSON of services and of files on this machine, with limits on size and depth.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace cairn::vfs::net {

inline constexpr std::size_t kMaxJsonSize = 4U << 20U;
inline constexpr int kMaxJsonDepth = 32;

/// An object; absent if the text is anything else, is not JSON, or goes beyond the limits.
[[nodiscard]] std::optional<nlohmann::json> parse_json_object(std::string_view text);

/// A text member; empty if there is none, or if it is something else.
[[nodiscard]] std::string json_text(const nlohmann::json& object, const char* name);

/// A whole number in [0, max]; absent if there is none, or if it is something else.
[[nodiscard]] std::optional<std::int64_t> json_number(const nlohmann::json& object,
                                                      const char* name, std::int64_t max);

}  // namespace cairn::vfs::net
