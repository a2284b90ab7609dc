#include "checkpoint/binary.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include <ATen/Functions.h>

#include "checkpoint/tensor.hpp"

namespace cairn::checkpoint {
namespace {

[[noreturn]] void corrupt(const std::string& cause) {
  throw Error(ErrorCode::corrupt, "binary object: " + cause);
}

const Value& field(const Value& value, std::string_view key) {
  if (!value.contains(key)) {
    throw Error(ErrorCode::type,
                "binary object: no \"" + std::string(key) + "\", so to_binary did not make this");
  }
  return value.at(key);
}

}  // namespace

BoundedBinaryInputArchive::BoundedBinaryInputArchive(std::string_view bytes,
                                                     const BinaryOptions& options)
    : InputArchive(this),
      left_(bytes),
      elements_(bytes.size()),
      empty_elements_(options.max_empty_elements),
      max_depth_(options.max_depth) {
  const bool from_little_endian = read_bool();
  swap_ = from_little_endian != (std::endian::native == std::endian::little);
}

void BoundedBinaryInputArchive::read(void* to, std::uint64_t size, std::size_t element) {
  if (size > left_.size()) {
    corrupt("it ends " + std::to_string(size - left_.size()) + " bytes too early");
  }
  if (size == 0) return;
  std::memcpy(to, left_.data(), size);
  left_.remove_prefix(size);
  if (!swap_) return;
  auto* bytes = static_cast<std::byte*>(to);
  for (std::uint64_t i = 0; i + element <= size; i += element) {
    std::reverse(bytes + i, bytes + i + element);
  }
}

bool BoundedBinaryInputArchive::read_bool() {
  std::uint8_t byte = 0;
  read(&byte, 1, 1);
  if (byte > 1) corrupt("a bool is " + std::to_string(byte));
  return byte == 1;
}

// Each element has a byte of its own or none at all, so that all containers together have no more
// elements than there are bytes, but for the empty ones.
std::uint64_t BoundedBinaryInputArchive::read_count() {
  std::uint64_t count = 0;
  read(&count, sizeof(count), sizeof(count));
  auto& budget = count <= left_.size() && count <= elements_ ? elements_ : empty_elements_;
  if (count > budget) {
    corrupt("a container of " + std::to_string(count) + " elements, but " +
            std::to_string(left_.size()) + " bytes are left");
  }
  budget -= count;
  return count;
}

void BoundedBinaryInputArchive::enter() {
  if (++depth_ > max_depth_) {
    throw Error(ErrorCode::limit, "binary object: deeper than " + std::to_string(max_depth_));
  }
}

void BoundedBinaryInputArchive::finish() const {
  if (!left_.empty()) corrupt(std::to_string(left_.size()) + " bytes are left over");
}

void BoundedBinaryInputArchive::keep(std::uint32_t id, std::type_index type,
                                     std::shared_ptr<void> object) {
  objects_.insert_or_assign(id, std::pair(type, std::move(object)));
}

std::shared_ptr<void> BoundedBinaryInputArchive::kept(std::uint32_t id,
                                                      std::type_index type) const {
  const auto found = objects_.find(id);
  if (found == objects_.end()) corrupt("a pointer to an object that is not there");
  if (found->second.first != type) corrupt("a pointer to an object of another class");
  return found->second.second;
}

namespace binary {

Value wrap(const std::string& name, std::uint32_t version, const std::string& bytes) {
  auto data = at::empty({static_cast<std::int64_t>(bytes.size())}, at::kByte);
  std::memcpy(data.mutable_data_ptr(), bytes.data(), bytes.size());
  return Dict{{"__cpp__", name},
              {"codec", portable_binary_codec},
              {"version", std::int64_t{version}},
              {"data", data}};
}

std::string unwrap(const Value& value, const std::string& name, std::uint32_t version) {
  const auto& own_name = field(value, "__cpp__").as_string();
  if (own_name != name) {
    throw Error(ErrorCode::type, "binary object: it is a " + own_name + ", not a " + name);
  }
  const auto& codec = field(value, "codec").as_string();
  if (codec != portable_binary_codec) {
    throw Error(ErrorCode::unsupported, "binary object: unknown codec " + codec);
  }
  const auto own_version = field(value, "version").as_int();
  if (own_version < 0 || own_version > std::int64_t{version}) {
    throw Error(ErrorCode::unsupported,
                "binary object: version " + std::to_string(own_version) + " of " + name +
                    ", but this program knows versions up to " + std::to_string(version));
  }
  const auto data = field(value, "data").as<at::Tensor>();
  if (!data.defined() || data.scalar_type() != at::kByte || data.dim() != 1) {
    throw Error(ErrorCode::type, "binary object: \"data\" must be a uint8 tensor of one dimension");
  }
  if (static_cast<std::uint64_t>(data.numel()) > data.storage().nbytes()) {
    throw Error(ErrorCode::corrupt, "binary object: \"data\" has more bytes than its storage");
  }
  const auto whole = data.cpu().contiguous();
  return {static_cast<const char*>(whole.const_data_ptr()),
          static_cast<std::size_t>(whole.numel())};
}

}  // namespace binary
}  // namespace cairn::checkpoint
