#include "checkpoint/format/compact.hpp"

#include <map>
#include <set>
#include <string>

#include "checkpoint/format/clone.hpp"
#include "checkpoint/format/find_tensor.hpp"
#include "checkpoint/format/tree_paths.hpp"
#include "checkpoint/format/view.hpp"

namespace cairn::checkpoint::format {
namespace {

constexpr std::uint64_t kWorthIt = std::uint64_t{1} << 20U;

std::uint64_t bytes_of(const StoredTensor& tensor) {
  return static_cast<std::uint64_t>(tensor.numel()) * item_size(tensor.dtype);
}

// With a storage of its own: a part of the memory that it has, where its elements lie in a row.
StoredTensor apart(const StoredTensor& tensor) {
  StoredTensor packed = tensor.contiguous();
  if (packed.storage != tensor.storage) return packed;
  const std::span<const std::byte> bytes = tensor.bytes();
  auto storage = std::make_shared<Storage>(*tensor.storage);
  storage->nbytes = bytes.size();
  storage->data = const_cast<std::byte*>(bytes.data());  // nobody writes through it
  storage->owner = tensor.storage;
  packed.storage = std::move(storage);
  packed.offset = 0;
  packed.strides = contiguous_strides(packed.sizes);
  return packed;
}

struct Use {
  std::uint64_t bytes{0};  // of all its tensors
  std::string path{};      // of the first
};

// By memory: what two Storages describe alike is one.
class Uses {
 public:
  explicit Uses(const Value& root) {
    std::set<const void*> seen;
    for_each_leaf(root, [&](const std::string& path, const Value& leaf) {
      const StoredTensor* found = find_tensor(leaf);
      if (found == nullptr || !seen.insert(leaf.identity()).second) return;
      const StoredTensor& tensor = *found;
      check_tensor(tensor);
      Use& use = uses_[tensor.storage->data];
      use.bytes += bytes_of(tensor);
      if (use.path.empty()) use.path = path;
    });
  }
  // nullptr: the storage is used well.
  [[nodiscard]] const Use* waste(const Storage& storage) const {
    const auto found = uses_.find(storage.data);
    const bool wasted = found != uses_.end() && storage.nbytes > kWorthIt &&
                        found->second.bytes < storage.nbytes / 2;
    return wasted ? &found->second : nullptr;
  }

 private:
  std::map<const std::byte*, Use> uses_;
};

}  // namespace

Value compacted(const Value& root, const SaveOptions& options) {
  if (!options.compact_views && !options.on_warning) return root;
  const Uses uses(root);
  if (options.compact_views) {
    return clone_tensors(root, [&uses](const StoredTensor& tensor) {
      if (uses.waste(*tensor.storage) == nullptr) return tensor;
      return apart(tensor);
    });
  }
  std::set<const std::byte*> told;
  for_each_leaf(root, [&](const std::string&, const Value& leaf) {
    const StoredTensor* tensor = find_tensor(leaf);
    if (tensor == nullptr) return;
    const Storage& storage = *tensor->storage;
    const Use* use = uses.waste(storage);
    if (use == nullptr || !told.insert(storage.data).second) return;
    options.on_warning(use->path + ": a tensor of " + std::to_string(use->bytes) +
                       " bytes brings a storage of " + std::to_string(storage.nbytes) +
                       " along (compact_views keeps it out)");
  });
  return root;
}

}  // namespace cairn::checkpoint::format
