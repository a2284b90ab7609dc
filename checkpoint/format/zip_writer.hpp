// Records as the zip of torch.save: every offset is known before the first byte is sent, tensor
// memory is referred to, not copied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vfs/bytes.hpp"

namespace cairn::checkpoint::format {

struct Record {
  std::string name{};  ///< without the root folder
  std::span<const std::byte> bytes{};
  std::shared_ptr<const void>
      owner{};  ///< of the bytes; empty: the caller keeps them until the body is sent
};

struct ZipOptions {
  std::string_view root{"archive"};
  std::uint32_t alignment{64};  ///< of each record's data in the file
};

/// The records in their order, then torch's record .data/serialization_id, central directory and
/// end records.
[[nodiscard]] vfs::Body write_zip(std::vector<Record> records, const ZipOptions& options);

}  // namespace cairn::checkpoint::format
