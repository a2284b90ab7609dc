#include "checkpoint/format/safetensors_body.hpp"

#include <algorithm>
#include <bit>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "checkpoint/format/find_tensor.hpp"
#include "checkpoint/format/key.hpp"
#include "checkpoint/format/safetensors_header.hpp"
#include "checkpoint/format/storage_bytes.hpp"
#include "checkpoint/format/view.hpp"

namespace cairn::checkpoint::format {
namespace {

static_assert(std::endian::native == std::endian::little,
              "tensor memory goes to the file as it is");

struct Named {
  const std::string* name;
  const StoredTensor* tensor;
  std::size_t rank;
};

void check(const StoredTensor& tensor) {
  check_tensor(tensor);
  if (!safetensors_rank(tensor.dtype)) {
    throw Error(ErrorCode::unsupported, "a tensor of type " + std::string(name(tensor.dtype)) +
                                            ", which safetensors has not");
  }
  if (tensor.conjugate || tensor.negative) {
    throw Error(ErrorCode::unsupported,
                "a tensor with torch's conjugate or negative bit: resolve_conj() and resolve_neg() "
                "make it plain");
  }
  if (tensor.dtype == DType::float4_e2m1fn_x2 && tensor.sizes.empty()) {
    throw Error(ErrorCode::unsupported, "a float4_e2m1fn_x2 tensor without a dimension");
  }
}

Named named(const Dict::Item& item) {
  const auto& [key, value] = item;
  if (key.kind() != Kind::string)
    throw Error(ErrorCode::type, "key " + show_key(key) + " is no text, and safetensors has names");
  const std::string& name = key.as_string();
  if (name == "__metadata__")
    throw Error(ErrorCode::type, "no tensor can be named '__metadata__' in safetensors");
  const StoredTensor* tensor = find_tensor(value);
  if (tensor == nullptr) {
    throw Error(ErrorCode::type, show_key(key) + " is of type " +
                                     std::string(to_string(value.kind())) +
                                     ", and safetensors holds tensors only");
  }
  try {
    check(*tensor);
  } catch (const Error& error) {
    throw Error(error.code(), show_key(key) + ": " + error.what());
  }
  return {.name = &name, .tensor = tensor, .rank = *safetensors_rank(tensor->dtype)};
}

// The memory from the first element to the last, with what lies between.
std::span<const std::byte> extent(const StoredTensor& tensor) {
  const auto count = static_cast<std::size_t>(reach_of(tensor));
  if (count == 0) return {};
  const std::size_t item = item_size(tensor.dtype);
  const auto* first = static_cast<const std::byte*>(address_of(*tensor.storage));
  return {first + static_cast<std::size_t>(tensor.offset) * item, count * item};
}

void refuse_shared(const std::vector<Named>& tensors) {
  struct Extent {
    std::span<const std::byte> bytes;
    const std::string* name;
  };
  std::vector<Extent> extents;
  for (const Named& item : tensors) {
    const auto bytes = extent(*item.tensor);
    if (!bytes.empty()) extents.push_back({bytes, item.name});
  }
  std::sort(extents.begin(), extents.end(), [](const Extent& left, const Extent& right) {
    if (left.bytes.data() == right.bytes.data()) return *left.name < *right.name;
    return std::less<>()(left.bytes.data(), right.bytes.data());
  });
  const auto end = [](const Extent& item) { return item.bytes.data() + item.bytes.size(); };
  const Extent* furthest = nullptr;
  for (const Extent& item : extents) {
    if (furthest != nullptr && std::less<>()(item.bytes.data(), end(*furthest))) {
      const auto [first, second] = std::minmax(*furthest->name, *item.name);
      throw Error(ErrorCode::unsupported, "tensors '" + first + "' and '" + second +
                                              "' share memory, and in safetensors none can: leave "
                                              "one out, or have both written (repeat_shared)");
    }
    if (furthest == nullptr || std::less<>()(end(*furthest), end(item))) furthest = &item;
  }
}

// In a row. Those of a device are fetched when they are sent, unless there are gaps between them.
vfs::Body elements_of(const StoredTensor& tensor) {
  const StoredTensor packed = tensor.is_contiguous() ? tensor : tensor.contiguous();
  const std::size_t item = item_size(packed.dtype);
  return body_of(part_of(packed.storage, static_cast<std::uint64_t>(packed.offset) * item,
                         static_cast<std::uint64_t>(packed.numel()) * item));
}

class Row final : public vfs::BodySource {
 public:
  explicit Row(std::vector<vfs::Body> pieces) : pieces_(std::move(pieces)) {
    ends_.reserve(pieces_.size());
    for (const vfs::Body& piece : pieces_) ends_.push_back(size() + piece.size());
  }
  [[nodiscard]] std::uint64_t size() const { return ends_.empty() ? 0 : ends_.back(); }

  [[nodiscard]] vfs::Body take(std::uint64_t offset, std::uint64_t length) const override {
    vfs::Body taken;
    const std::uint64_t end = offset + length;
    auto i = static_cast<std::size_t>(std::upper_bound(ends_.begin(), ends_.end(), offset) -
                                      ends_.begin());
    while (offset < end) {
      const std::uint64_t until = std::min(end, ends_[i]);
      const std::uint64_t begin = ends_[i] - pieces_[i].size();
      taken.append(pieces_[i++].slice(offset - begin, until - offset).load());
      offset = until;
    }
    return taken;
  }

 private:
  std::vector<vfs::Body> pieces_;
  std::vector<std::uint64_t> ends_;
};

vfs::Body joined(std::vector<vfs::Body> pieces) {
  const bool in_memory = std::all_of(pieces.begin(), pieces.end(),
                                     [](const vfs::Body& piece) { return piece.in_memory(); });
  if (!in_memory) {
    auto row = std::make_shared<const Row>(std::move(pieces));
    const std::uint64_t size = row->size();
    return {std::move(row), size};
  }
  vfs::Body body;
  for (const vfs::Body& piece : pieces) body.append(piece);
  return body;
}

}  // namespace

vfs::Body write_safetensors(const Safetensors& content, const SafetensorsSaveOptions& options) {
  std::vector<Named> tensors;
  tensors.reserve(content.tensors.size());
  for (const Dict::Item& item : content.tensors.items()) tensors.push_back(named(item));
  if (!options.repeat_shared) refuse_shared(tensors);
  // prepare() in safetensors/src/tensor.rs: wide types first, then names by their bytes.
  std::sort(tensors.begin(), tensors.end(), [](const Named& left, const Named& right) {
    return left.rank != right.rank ? left.rank > right.rank : *left.name < *right.name;
  });

  SafetensorsHeader header{.metadata = content.metadata};
  std::vector<vfs::Body> contents(1);
  std::uint64_t end = 0;
  for (const Named& item : tensors) {
    contents.push_back(elements_of(*item.tensor));
    const std::uint64_t begin = end;
    end += contents.back().size();
    header.entries.push_back({.name = *item.name,
                              .dtype = item.tensor->dtype,
                              .sizes = item.tensor->sizes,
                              .begin = begin,
                              .end = end});
  }
  const std::string text = write_safetensors_header(header);
  contents.front().append_copy(vfs::as_bytes(text));
  return joined(std::move(contents));
}

}  // namespace cairn::checkpoint::format
