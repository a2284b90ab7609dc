// A hash of what comes from files: nobody can choose names or keys that all fall into one place.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cairn::checkpoint::format {

/// SipHash-2-4 (Aumasson and Bernstein, 2012).
[[nodiscard]] std::uint64_t sip_hash(std::array<std::uint64_t, 2> key, std::string_view bytes);

/// For std::unordered_map and the like. The key is drawn once per process.
struct KeyedHash {
  [[nodiscard]] std::size_t operator()(std::string_view bytes) const;
};

}  // namespace cairn::checkpoint::format
