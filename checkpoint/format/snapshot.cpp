#include "checkpoint/format/snapshot.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>
#include <thread>
#include <utility>

#include "checkpoint/format/clone.hpp"
#include "checkpoint/format/storage_bytes.hpp"

namespace cairn::checkpoint {
namespace {

constexpr std::size_t kPiece = std::size_t{4} << 20U;
constexpr std::size_t kAlignment = 64;
constexpr std::size_t kMaxThreads = 4;  // more than this is the memory's limit, not the processor's

struct Copy {
  const std::byte* from{nullptr};
  std::byte* to{nullptr};
  std::size_t size{0};
};

void run(const std::vector<Copy>& copies) {
  std::size_t total = 0;
  for (const Copy& copy : copies) total += copy.size;
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < copies.size(); i = next++)
      std::memcpy(copies[i].to, copies[i].from, copies[i].size);
  };
  const std::size_t wanted =
      std::min<std::size_t>({kMaxThreads, std::thread::hardware_concurrency(), total / kPiece});
  std::vector<std::jthread> helpers;
  for (std::size_t i = 1; i < wanted; ++i) helpers.emplace_back(work);
  work();
}

// Of the storages of a tree: each memory once, whoever describes it.
class Layout {
 public:
  std::shared_ptr<Storage> add(const std::shared_ptr<Storage>& storage) {
    auto& copy = copies_[storage.get()];
    if (copy == nullptr) {
      copy = std::make_shared<Storage>(*storage);
      if (storage->device && storage->nbytes > 0) fetch_once(*copy);
      if (storage->data != nullptr && storage->nbytes > 0) {
        const std::pair key{static_cast<const std::byte*>(storage->data), storage->nbytes};
        const auto [found, is_new] = places_.try_emplace(key, size_);
        if (is_new)
          size_ = (size_ + static_cast<std::size_t>(storage->nbytes) + kAlignment - 1) /
                  kAlignment * kAlignment;
        placed_.push_back({copy, found->second});
      }
    }
    return copy;
  }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::vector<std::unique_ptr<DeviceCopy>> device_copies() && {
    return std::move(device_copies_);
  }

  // Fills `memory`, and gives the copies their places in it.
  void settle(const std::shared_ptr<vfs::Buffer>& memory) {
    std::vector<Copy> pieces;
    for (const auto& [key, at] : places_) {
      const auto size = static_cast<std::size_t>(key.second);
      for (std::size_t done = 0; done < size; done += kPiece) {
        pieces.push_back({.from = key.first + done,
                          .to = memory->data() + at + done,
                          .size = std::min(kPiece, size - done)});
      }
    }
    run(pieces);
    for (auto& [copy, at] : placed_) {
      copy->data = memory->data() + at;
      copy->owner = memory;
    }
  }

 private:
  // Memory of a device is copied to where the device copies fastest, which is not this one.
  void fetch_once(Storage& storage) {
    const std::pair key{format::address_of(storage), storage.nbytes};
    const auto [found, is_new] = on_the_way_.try_emplace(key, device_copies_.size());
    if (is_new) device_copies_.push_back(storage.device->copy(0, storage.nbytes));
    format::place(storage, device_copies_[found->second]->bytes());
  }

  std::map<const Storage*, std::shared_ptr<Storage>> copies_;
  std::map<std::pair<const void*, std::uint64_t>, std::size_t> on_the_way_;
  std::vector<std::unique_ptr<DeviceCopy>> device_copies_;
  std::map<std::pair<const std::byte*, std::uint64_t>, std::size_t> places_;
  std::vector<std::pair<std::shared_ptr<Storage>, std::size_t>> placed_;
  std::size_t size_{0};
};

}  // namespace

std::shared_ptr<vfs::Buffer> SnapshotMemory::lease(std::size_t size) {
  vfs::Buffer memory;
  {
    const std::lock_guard lock(mutex_);
    const auto fits = std::find_if(free_.begin(), free_.end(), [size](const vfs::Buffer& buffer) {
      return buffer.size() >= size;
    });
    if (fits != free_.end()) {
      memory = std::move(*fits);
      free_.erase(fits);
    } else {
      free_.clear();  // the state has grown: smaller ones are of no more use
    }
  }
  if (memory.size() < size) memory = vfs::Buffer(size);
  return {new vfs::Buffer(std::move(memory)), [keep = shared_from_this()](vfs::Buffer* returned) {
            const std::unique_ptr<vfs::Buffer> owned(returned);
            const std::lock_guard lock(keep->mutex_);
            keep->free_.push_back(std::move(*owned));
          }};
}

Snapshot SnapshotMemory::take(const Value& root) {
  Layout layout;
  Value copy = clone(
      root, [&layout](const std::shared_ptr<Storage>& storage) { return layout.add(storage); });
  if (layout.size() > 0) layout.settle(lease(layout.size()));
  return {.root = std::move(copy), .on_the_way = std::move(layout).device_copies()};
}

void Snapshot::wait() {
  for (const std::unique_ptr<DeviceCopy>& copy : on_the_way) copy->wait();
  on_the_way.clear();
}

}  // namespace cairn::checkpoint
