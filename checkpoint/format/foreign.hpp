// What a file is that is no archive of torch.save, in words.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "checkpoint/format/error.hpp"

namespace cairn::checkpoint::format {

/// From the first bytes (512 are enough) and the size of a file that has no zip directory at its
/// end.
[[nodiscard]] Error describe_foreign(std::string_view head, std::uint64_t size);

}  // namespace cairn::checkpoint::format
