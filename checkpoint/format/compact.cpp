#include "checkpoint/format/compact.hpp"

#include <map>
#include <set>
#include <string>

#include "checkpoint/format/clone.hpp"
#include "checkpoint/format/find_tensor.hpp"
#include "checkpoint/format/storage_bytes.hpp"
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
  if (!tensor.is_contiguous()) return tensor.contiguous();
  StoredTensor packed = tensor;
  packed.storage =
      part_of(tensor.storage, static_cast<std::uint64_t>(tensor.offset) * item_size(tensor.dtype),
              bytes_of(tensor));
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
      Use& use = uses_[address_of(*tensor.storage)];
      use.bytes += bytes_of(tensor);
      if (use.path.empty()) use.path = path;
    });
  }
  // nullptr: the storage is used well.
  [[nodiscard]] const Use* waste(const Storage& storage) const {
    const auto found = uses_.find(address_of(storage));
    const bool wasted = found != uses_.end() && storage.nbytes > kWorthIt &&
                        found->second.bytes < storage.nbytes / 2;
    return wasted ? &found->second : nullptr;
  }

 private:
  std::map<const void*, Use> uses_;
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
  std::set<const void*> told;
  for_each_leaf(root, [&](const std::string&, const Value& leaf) {
    const StoredTensor* tensor = find_tensor(leaf);
    if (tensor == nullptr) return;
    const Storage& storage = *tensor->storage;
    const Use* use = uses.waste(storage);
    if (use == nullptr || !told.insert(address_of(storage)).second) return;
    options.on_warning(use->path + ": a tensor of " + std::to_string(use->bytes) +
                       " bytes brings a storage of " + std::to_string(storage.nbytes) +
                       " along (compact_views keeps it out)");
  });
  return root;
}

}  // namespace cairn::checkpoint::format
