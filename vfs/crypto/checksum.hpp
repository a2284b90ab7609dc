// The checksums that stores keep of whole files, by their type.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "vfs/types.hpp"

namespace cairn::vfs::crypto {

/// `before` is the value over the bytes before these.
[[nodiscard]] std::uint64_t checksum(ChecksumType type, std::span<const std::byte> data,
                                     std::uint64_t before = 0);

}  // namespace cairn::vfs::crypto
