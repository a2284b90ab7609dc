// The JSON of a safetensors header as it stands there, checked for its form alone.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::checkpoint::format {

struct SafetensorsInfo {
  std::string name{};
  std::string dtype{};
  std::vector<std::uint64_t> shape{};
  std::uint64_t begin{0};
  std::uint64_t end{0};
};

struct SafetensorsJson {
  std::vector<SafetensorsInfo> infos{};  ///< in the order of the text
  std::map<std::string, std::string> metadata{};
};

/// Names and fields that come twice, fields that are missing or of another kind, metadata other
/// than text, and what is no JSON are Error(corrupt). Unknown fields of a tensor are skipped, as
/// the safetensors library does, to a bounded depth.
[[nodiscard]] SafetensorsJson read_safetensors_json(std::string_view text);

}  // namespace cairn::checkpoint::format
