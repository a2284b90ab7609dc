// What stands in a zip around the data of its entries, as torch.save writes it.
#pragma once

#include <cstdint>
#include <string>

namespace cairn::checkpoint::format {

/// An entry that has its place in the file.
struct ZipPlace {
  std::string name{};       ///< with the root folder
  std::uint64_t offset{0};  ///< of the local header
  std::uint64_t size{0};
};

/// With padding, so that the data that follows is aligned.
[[nodiscard]] std::string local_header(const ZipPlace& entry, std::uint32_t alignment);
/// What follows the data; nothing if there are none.
[[nodiscard]] std::string descriptor(const ZipPlace& entry, std::uint32_t crc);
[[nodiscard]] std::uint64_t descriptor_size(const ZipPlace& entry);
[[nodiscard]] std::string central_header(const ZipPlace& entry, std::uint32_t crc);
[[nodiscard]] std::string end_records(std::uint64_t count, std::uint64_t directory_size,
                                      std::uint64_t directory_offset);

}  // namespace cairn::checkpoint::format
