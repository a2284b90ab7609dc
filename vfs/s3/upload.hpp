// A multipart upload: from memory, or from another object.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "vfs/net/parts.hpp"
#include "vfs/s3/connection.hpp"
#include "vfs/s3/requests.hpp"
#include "vfs/store.hpp"

namespace cairn::vfs::s3 {

enum class PartSource { memory, object };

class MultipartUpload final : public Upload {
 public:
  /// Starts it on the server. Parts from memory carry a CRC32C each, and one for the whole at the
  /// end.
  MultipartUpload(std::shared_ptr<Connection> connection, Path path, WriteOptions options,
                  PartSource source);
  ~MultipartUpload() override;
  MultipartUpload(const MultipartUpload&) = delete;
  MultipartUpload& operator=(const MultipartUpload&) = delete;

  void put_part(std::uint32_t index, const Body& part, const CallOptions& options) override;
  /// Bytes of another object, as long as it has that etag. `source` is as copy_source() makes it.
  void copy_part(std::uint32_t index, std::string_view source, std::string_view etag,
                 ByteRange range, const CallOptions& options);
  WriteResult commit(const CallOptions& options) override;
  void abort() noexcept override;

 private:
  void keep(std::uint32_t index, Part part);
  [[nodiscard]] std::vector<Part> complete_parts(const CallOptions& options);
  [[nodiscard]] net::Call complete_call(const std::vector<Part>& parts, std::uint64_t size) const;
  [[nodiscard]] Query part_query(std::uint32_t index) const;

  std::shared_ptr<Connection> connection_;
  Path path_;
  WriteOptions options_;
  bool checksums_;
  std::string token_;
  std::string id_;
  bool ended_{false};
  net::PartList<Part> parts_;
};

}  // namespace cairn::vfs::s3
