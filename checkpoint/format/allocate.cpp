#include "checkpoint/format/allocate.hpp"

#include <memory>
#include <utility>

#include "checkpoint/format/error.hpp"

namespace cairn::checkpoint::format {

void allocate(Storage& storage, const std::function<void(Storage&)>& from_caller) {
  if (storage.nbytes == 0) return;
  if (from_caller) {
    from_caller(storage);
    if (storage.data == nullptr) throw Error(ErrorCode::limit, "no memory was given for a storage");
    return;
  }
  std::shared_ptr<std::byte[]> memory(new std::byte[static_cast<std::size_t>(storage.nbytes)]);
  storage.data = memory.get();
  storage.owner = std::move(memory);
}

}  // namespace cairn::checkpoint::format
