// Content for tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace cairn::test {

/// Bytes that differ from place to place.
[[nodiscard]] inline std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  std::uint64_t state = 88172645463325252ULL;
  for (char& c : text) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    c = static_cast<char>(state);
  }
  return text;
}

}  // namespace cairn::test
