#include "checkpoint/format/device_memory.hpp"

namespace cairn::checkpoint {

DeviceCopy::~DeviceCopy() = default;

vfs::Body DeviceMemory::take(std::uint64_t offset, std::uint64_t length) const {
  const std::unique_ptr<DeviceCopy> copied = copy(offset, length);
  copied->wait();
  return copied->bytes();
}

}  // namespace cairn::checkpoint
