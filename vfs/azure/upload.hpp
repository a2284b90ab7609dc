// A block blob that is written in parts: Put Block, then Put Block List. From memory, or from
// another blob.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "vfs/azure/connection.hpp"
#include "vfs/net/parts.hpp"
#include "vfs/net/transport.hpp"
#include "vfs/store.hpp"

namespace cairn::vfs::azure {

inline constexpr std::uint32_t kMaxBlocks = 50'000;

/// Nothing is sent to start it, and nothing to abort it: the service drops blocks that no list
/// names when another list of that blob is committed, or after a week.
class BlockUpload final : public Upload {
 public:
  /// Throws Error(invalid_argument) for a description that can't be sent.
  BlockUpload(std::shared_ptr<Connection> connection, Path path, WriteOptions options);

  void put_part(std::uint32_t index, const Body& part, const CallOptions& options) override;
  /// Bytes of another blob. `source` holds the headers that name and authorize it.
  void copy_part(std::uint32_t index, const net::Headers& source, ByteRange range,
                 const CallOptions& options);
  /// Of the whole, for parts that were copied: what the source says.
  void set_checksum(const Checksum& checksum) { checksum_ = checksum; }
  WriteResult commit(const CallOptions& options) override;
  void abort() noexcept override {}

 private:
  struct Part {
    std::uint64_t size{0};
    std::optional<std::uint64_t> crc64{};  ///< absent: it was copied
  };
  [[nodiscard]] std::string part_target(std::uint32_t index) const;
  [[nodiscard]] std::optional<Checksum> checksum_of(const std::vector<Part>& parts) const;

  std::shared_ptr<Connection> connection_;
  Path path_;
  WriteOptions options_;
  net::Headers description_;
  std::string token_;
  std::optional<Checksum> checksum_{};
  net::PartList<Part> parts_;
};

}  // namespace cairn::vfs::azure
