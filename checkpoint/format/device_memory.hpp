// Memory that the CPU can't read in place: of an accelerator. checkpoint/tensor.hpp has it for LibTorch's; for others, derive from these.
#pragma once

#include <cstdint>
#include <memory>

#include "checkpoint/format/stored_tensor.hpp"
#include "vfs/bytes.hpp"
#include "vfs/export.hpp"

namespace cairn::checkpoint {

/// Bytes on their way to the CPU.
class CAIRN_API DeviceCopy {
 public:
  DeviceCopy() = default;
  DeviceCopy(const DeviceCopy&) = delete;
  DeviceCopy& operator=(const DeviceCopy&) = delete;
  virtual ~DeviceCopy();

  /// One segment, which whoever asked may keep and write to. The bytes are there when wait() has returned.
  [[nodiscard]] virtual const vfs::Body& bytes() const noexcept = 0;
  /// Throws what went wrong on the way.
  virtual void wait() = 0;
};

/// The memory of a Storage (Storage::device). Copies are of what is left by all that was begun before, on the device's stream that the
/// memory came from and the current one; what is begun there later waits for them. Thread-safe.
class CAIRN_API DeviceMemory : public vfs::BodySource {
 public:
  /// On the device. Two with the same address are one memory.
  [[nodiscard]] virtual const void* address() const noexcept = 0;
  /// Begins to copy the bytes [offset, offset + length), which are some. The copy may outlive this object.
  [[nodiscard]] virtual std::unique_ptr<DeviceCopy> copy(std::uint64_t offset, std::uint64_t length) const = 0;
  [[nodiscard]] vfs::Body take(std::uint64_t offset, std::uint64_t length) const final;
};

}  // namespace cairn::checkpoint
