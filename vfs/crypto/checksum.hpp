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

/// The value over two pieces that follow each other, from that of each. Takes no memory and hardly any time.
[[nodiscard]] std::uint64_t checksum_combine(ChecksumType type, std::uint64_t first,
                                             std::uint64_t second, std::uint64_t second_length);

}  // namespace cairn::vfs::crypto
