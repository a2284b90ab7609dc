#include "checkpoint/format/storage_memory.hpp"

#include "checkpoint/format/allocate.hpp"

namespace cairn::checkpoint::format {
namespace {

constexpr std::uint64_t kWidest = 16;  // the largest element, a complex128

}  // namespace

StorageMemory::StorageMemory(const Source& source, const LoadOptions& options) : options_(options) {
  if (options.map) mapped_ = source.map();
}

RecordRead StorageMemory::place(Storage& storage, const ZipEntry& entry) const {
  const auto size = static_cast<std::size_t>(storage.nbytes);
  const bool in_place = mapped_ && size > 0 && entry.stored && entry.data % kWidest == 0 &&
                        entry.data + size <= mapped_->bytes.size();
  if (in_place) {
    const auto data = mapped_->bytes.subspan(static_cast<std::size_t>(entry.data), size);
    storage.data = data.data();
    storage.owner = mapped_->owner;
    return {.entry = &entry, .into = data, .present = true};
  }
  allocate(storage, options_.allocate);
  return {.entry = &entry, .into = {storage.data, size}};
}

}  // namespace cairn::checkpoint::format
