// The numbers of the zip format (PKWARE's APPNOTE 6.3.10, section 4.3) as torch uses them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cairn::checkpoint::format::zip {

inline constexpr std::string_view kLocalHeader{"PK\3\4", 4};
inline constexpr std::string_view kDescriptor{"PK\7\10", 4};
inline constexpr std::string_view kCentralHeader{"PK\1\2", 4};
inline constexpr std::string_view kEnd64{"PK\6\6", 4};
inline constexpr std::string_view kLocator64{"PK\6\7", 4};
inline constexpr std::string_view kEnd{"PK\5\6", 4};

inline constexpr std::size_t kLocalHeaderSize = 30;
inline constexpr std::size_t kDescriptorSize = 16;
inline constexpr std::size_t kDescriptor64Size = 24;
inline constexpr std::size_t kCentralHeaderSize = 46;
inline constexpr std::size_t kEnd64Size = 56;
inline constexpr std::size_t kLocator64Size = 20;
inline constexpr std::size_t kEndSize = 22;

inline constexpr std::uint16_t kEncryptedFlag = 0x0001;
inline constexpr std::uint16_t kDescriptorFlag = 0x0008;
inline constexpr std::uint16_t kUtf8Flag = 0x0800;

inline constexpr std::uint16_t kZip64Field = 0x0001;  // of the extra fields
inline constexpr std::uint64_t kMax16 = 0xFFFF;
inline constexpr std::uint64_t kMax32 = 0xFFFFFFFF;  // stands for "see the zip64 field"
inline constexpr std::size_t kMaxName = 512;         // torch reads names into a buffer of this size

/// torch's rule for the wide descriptor.
[[nodiscard]] constexpr bool wide_descriptor(std::uint64_t size, std::uint64_t header_offset) {
  return size >= kMax32 || header_offset >= kMax32;
}

}  // namespace cairn::checkpoint::format::zip
