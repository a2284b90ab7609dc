// Objects that only know cereal's binary archives, as one blob under a key. Prefer checkpoint/cereal.hpp, which Python can read:
//   root["index"] = checkpoint::to_binary(index);   checkpoint::from_binary(saved.at("index"), index);
// CEREAL_REGISTER_TYPE after this header is for these archives as well: not for a class that holds a tensor, which they can't write.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeindex>
#include <typeinfo>
#include <utility>

#include <c10/util/Type.h>
#include <cereal/archives/portable_binary.hpp>
#include <cereal/types/polymorphic.hpp>

#include "checkpoint/format/value.hpp"

namespace cairn::checkpoint {

inline constexpr std::string_view portable_binary_codec = "cereal.portable_binary";

struct BinaryOptions {
  std::string name{};                       ///< of the class; empty: the compiler's
  std::uint64_t max_empty_elements{65'536};  ///< elements that take no byte of the blob
  std::uint32_t max_depth{512};             ///< of objects within objects
};

/// Reads what cereal::PortableBinaryOutputArchive wrote, for bytes that nobody vouches for: a container never announces more elements
/// than there are bytes, bools are 0 or 1, shared pointers keep their type. So the memory taken is the blob's size times the largest
/// element's. Throws Error(corrupt) and Error(limit). Not thread-safe.
class CAIRN_API BoundedBinaryInputArchive : public cereal::InputArchive<BoundedBinaryInputArchive, cereal::AllowEmptyClassElision> {
 public:
  /// `bytes` must outlive it.
  explicit BoundedBinaryInputArchive(std::string_view bytes, const BinaryOptions& options = {});

  // The rest is for the functions below.
  /// `size` bytes, each `element` of them one number in the writer's byte order.
  void read(void* to, std::uint64_t size, std::size_t element);
  [[nodiscard]] bool read_bool();
  [[nodiscard]] std::uint64_t read_count();  ///< of a container that comes next
  void enter();                              ///< an object
  void leave() noexcept { --depth_; }
  void finish() const;  ///< throws Error(corrupt) if bytes are left over
  void keep(std::uint32_t id, std::type_index type, std::shared_ptr<void> object);
  [[nodiscard]] std::shared_ptr<void> kept(std::uint32_t id, std::type_index type) const;

 private:
  std::string_view left_;
  std::uint64_t elements_;        // that may still be announced
  std::uint64_t empty_elements_;  // beyond them
  std::uint32_t depth_{0};
  std::uint32_t max_depth_;
  bool swap_{false};
  std::map<std::uint32_t, std::pair<std::type_index, std::shared_ptr<void>>> objects_;
};

namespace binary {

/// {"__cpp__": name, "codec": "cereal.portable_binary", "version": N, "data": a uint8 tensor}.
[[nodiscard]] CAIRN_API Value wrap(const std::string& name, std::uint32_t version, const std::string& bytes);
/// The bytes of such a dict. Throws Error(type) for another class or codec, Error(unsupported) for a newer version.
[[nodiscard]] CAIRN_API std::string unwrap(const Value& value, const std::string& name, std::uint32_t version);

template <class T>
std::string name_of(const BinaryOptions& options) {
  return options.name.empty() ? std::string(c10::demangle_type<T>()) : options.name;
}

}  // namespace binary

/// A uint8 tensor in a dict that says what it is. Throws Error(unsupported) for what cereal refuses, such as a class that is not registered.
template <class T>
[[nodiscard]] Value to_binary(const T& object, const BinaryOptions& options = {}) {
  std::ostringstream stream(std::ios::binary);
  try {
    cereal::PortableBinaryOutputArchive archive(stream);
    archive(object);
  } catch (const cereal::Exception& error) {
    throw Error(ErrorCode::unsupported, std::string("binary object: ") + error.what());
  }
  return binary::wrap(binary::name_of<T>(options), cereal::detail::Version<T>::version, std::move(stream).str());
}

/// Fills `object` from what to_binary made. T's functions must take any archive, as templates do. Throws Error(type) for another class,
/// Error(unsupported) for a newer version of it, Error(corrupt) for bytes that are no such object; then `object` may be half filled.
template <class T>
void from_binary(const Value& value, T& object, const BinaryOptions& options = {}) {
  const auto bytes = binary::unwrap(value, binary::name_of<T>(options), cereal::detail::Version<T>::version);
  BoundedBinaryInputArchive archive(bytes, options);
  try {
    archive(object);
  } catch (const cereal::Exception& error) {
    throw Error(ErrorCode::corrupt, std::string("binary object: ") + error.what());
  }
  archive.finish();
}

template <class T>
  requires std::is_arithmetic_v<T>
void load(BoundedBinaryInputArchive& archive, T& number) {
  if constexpr (std::is_same_v<T, bool>) {
    number = archive.read_bool();
  } else {
    archive.read(std::addressof(number), sizeof(T), sizeof(T));
  }
}
template <class T>
void load(BoundedBinaryInputArchive& archive, cereal::NameValuePair<T>& pair) {
  archive(pair.value);
}
template <class T>
void load(BoundedBinaryInputArchive& archive, cereal::SizeTag<T>& tag) {
  tag.size = static_cast<std::remove_reference_t<T>>(archive.read_count());
}
template <class T>
void load(BoundedBinaryInputArchive& archive, cereal::BinaryData<T>& data) {
  archive.read(data.data, data.size, sizeof(std::remove_pointer_t<T>));
}
template <class T>
  requires std::is_class_v<T>
void prologue(BoundedBinaryInputArchive& archive, const T&) {
  archive.enter();
}
template <class T>
  requires std::is_class_v<T>
void epilogue(BoundedBinaryInputArchive& archive, const T&) {
  archive.leave();
}

/// cereal takes the id of any object for one of this type; a file could so turn one class into another.
template <class T>
void load(BoundedBinaryInputArchive& archive, cereal::memory_detail::PtrWrapper<std::shared_ptr<T>&>& wrapper) {
  using Object = std::remove_const_t<T>;
  static_assert(!cereal::traits::has_load_and_construct<Object, BoundedBinaryInputArchive>::value, "use checkpoint/cereal.hpp");
  std::uint32_t id = 0;
  archive(id);
  if ((id & cereal::detail::msb_32bit) == 0) {
    wrapper.ptr = std::static_pointer_cast<T>(id == 0 ? nullptr : archive.kept(id, typeid(Object)));
    return;
  }
  std::shared_ptr<Object> object(cereal::access::construct<Object>());
  archive.keep(id & ~static_cast<std::uint32_t>(cereal::detail::msb_32bit), typeid(Object), object);
  archive(*object);
  wrapper.ptr = std::move(object);
}

}  // namespace cairn::checkpoint

namespace cereal::traits::detail {
template <>
struct get_output_from_input<cairn::checkpoint::BoundedBinaryInputArchive> {
  using type = cereal::PortableBinaryOutputArchive;
};
}  // namespace cereal::traits::detail

CEREAL_REGISTER_ARCHIVE(cairn::checkpoint::BoundedBinaryInputArchive)
