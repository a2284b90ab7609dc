// The header of a safetensors file: JSON that says where each tensor lies. As strict as the
// safetensors library itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/format/dtype.hpp"

namespace cairn::checkpoint::format {

inline constexpr std::uint64_t kSafetensorsLength = 8;  // of the header's length, before the header
inline constexpr std::uint64_t kMaxSafetensorsHeader = 100'000'000;

/// A tensor in the file. Its data are contiguous, the last dimension fastest.
struct SafetensorsEntry {
  std::string name{};
  DType dtype{DType::float32};
  std::vector<std::int64_t> sizes{};  ///< as torch counts: of float4_e2m1fn_x2 in pairs
  std::uint64_t begin{0};             ///< behind the header
  std::uint64_t end{0};
};

struct SafetensorsHeader {
  std::vector<SafetensorsEntry> entries{};  ///< in the order of their data
  std::map<std::string, std::string> metadata{};
};

/// Where the format sorts a type (the last comes first in a file); absent for types that it lacks.
[[nodiscard]] std::optional<std::size_t> safetensors_rank(DType dtype);

/// The tensors must fill `data_size` bytes without holes. Throws Error.
[[nodiscard]] SafetensorsHeader parse_safetensors_header(std::string_view text,
                                                         std::uint64_t data_size);

/// Length, JSON and padding to a multiple of 8. Throws Error for text that is not UTF-8, and for
/// more than a header may have.
[[nodiscard]] std::string write_safetensors_header(const SafetensorsHeader& header);

}  // namespace cairn::checkpoint::format
