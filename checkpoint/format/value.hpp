// A tree of plain data, as Python's pickle knows it: what a checkpoint holds.
#pragma once

#include <complex>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "checkpoint/format/containers.hpp"
#include "checkpoint/format/dtype.hpp"
#include "checkpoint/format/error.hpp"
#include "checkpoint/format/scalars.hpp"
#include "checkpoint/format/stored_tensor.hpp"
#include "vfs/export.hpp"

namespace cairn::checkpoint {

/// How a C++ type becomes a Value and comes back: specialise it for your own, with
///   static Value to_value(const T&);   static T from_value(const Value&);   (throws Error)
/// checkpoint/tensor.hpp does so for at::Tensor, checkpoint/cereal.hpp for every type that cereal can serialize.
template <class T>
struct ValueTraits;

template <class T>
concept ToValue = requires(const T& object) { { ValueTraits<T>::to_value(object) } -> std::same_as<Value>; };
template <class T>
concept FromValue = requires(const Value& value) { { ValueTraits<T>::from_value(value) } -> std::same_as<T>; };

enum class Kind { none, boolean, integer, big_integer, real, complex, string, bytes, list, tuple, dict, set, tensor, dtype, device, opaque };
[[nodiscard]] CAIRN_API std::string_view to_string(Kind kind);

namespace detail {
/// What pickles remember by identity. `identified`: it came from a file, where one object is told apart from two equal ones; what C++ makes
/// is one object if it is equal, like the names that Python interns.
template <class T>
struct Node {
  T value{};
  bool identified{false};
  std::shared_ptr<const Value> origin{};  ///< the text that bytes were decoded from, where Python may have it elsewhere too
};
template <class T>
using NodePointer = std::shared_ptr<const Node<T>>;
}  // namespace detail

class CAIRN_API Value {
 public:
  Value() = default;                    ///< None
  Value(std::nullptr_t) {}              // NOLINT(google-explicit-constructor)
  template <std::same_as<bool> T>
  Value(T value) : data_(value) {}      // NOLINT(google-explicit-constructor)
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  Value(T value) : data_(static_cast<std::int64_t>(value)) {  // NOLINT(google-explicit-constructor)
    if constexpr (std::unsigned_integral<T> && sizeof(T) == sizeof(std::uint64_t)) *this = from_unsigned(value);
  }
  template <std::floating_point T>
  Value(T value) : data_(static_cast<double>(value)) {}        // NOLINT(google-explicit-constructor)
  Value(std::complex<double> value) : data_(node(value)) {}    // NOLINT(google-explicit-constructor)
  Value(const char* text) : data_(node(std::string(text))) {}  // NOLINT(google-explicit-constructor)
  Value(std::string_view text) : data_(node(std::string(text))) {}  // NOLINT(google-explicit-constructor)
  Value(std::string text) : data_(node(std::move(text))) {}    // NOLINT(google-explicit-constructor)
  Value(Bytes bytes) : data_(node(std::move(bytes))) {}        // NOLINT(google-explicit-constructor)
  Value(BigInt value) : data_(node(std::move(value))) {}       // NOLINT(google-explicit-constructor)
  Value(DType dtype) : data_(dtype) {}                         // NOLINT(google-explicit-constructor)
  Value(Device device) : data_(node(std::move(device))) {}     // NOLINT(google-explicit-constructor)
  Value(List list) : data_(std::move(list)) {}                 // NOLINT(google-explicit-constructor)
  Value(Tuple tuple) : data_(std::move(tuple)) {}              // NOLINT(google-explicit-constructor)
  Value(Dict dict) : data_(std::move(dict)) {}                 // NOLINT(google-explicit-constructor)
  Value(Set set) : data_(std::move(set)) {}                    // NOLINT(google-explicit-constructor)
  Value(Opaque object) : data_(std::move(object)) {}           // NOLINT(google-explicit-constructor)
  Value(StoredTensor tensor) : data_(std::make_shared<const StoredTensor>(std::move(tensor))) {}  // NOLINT
  template <class T>
    requires(!std::same_as<T, Value> && ToValue<T>)
  Value(const T& object) : Value(ValueTraits<T>::to_value(object)) {}  // NOLINT(google-explicit-constructor)

  /// A str, bytes, complex or device that is one object wherever it stands, as in a file, however many are equal to it.
  template <class T>
  [[nodiscard]] static Value identified(T value, std::shared_ptr<const Value> origin = {}) {
    Value result;
    result.data_ = node(std::move(value), true, std::move(origin));
    return result;
  }

  [[nodiscard]] Kind kind() const noexcept { return static_cast<Kind>(data_.index()); }
  [[nodiscard]] bool is_none() const noexcept { return kind() == Kind::none; }

  // Each throws Error(type) that says what the value is instead.
  [[nodiscard]] bool as_bool() const;
  [[nodiscard]] std::int64_t as_int() const;
  [[nodiscard]] std::uint64_t as_unsigned() const;  ///< an int of 0 to 2^64 - 1
  [[nodiscard]] double as_double() const;  ///< an int too
  [[nodiscard]] std::complex<double> as_complex() const;  ///< a float or int too
  [[nodiscard]] const std::string& as_string() const;
  [[nodiscard]] const Bytes& as_bytes() const;
  [[nodiscard]] const BigInt& as_big_int() const;
  [[nodiscard]] const List& as_list() const;
  [[nodiscard]] List& as_list();
  [[nodiscard]] const Tuple& as_tuple() const;
  [[nodiscard]] const Dict& as_dict() const;
  [[nodiscard]] Dict& as_dict();
  [[nodiscard]] const Set& as_set() const;
  [[nodiscard]] Set& as_set();
  [[nodiscard]] DType as_dtype() const;
  [[nodiscard]] const Device& as_device() const;
  [[nodiscard]] const Opaque& as_opaque() const;
  [[nodiscard]] Opaque& as_opaque();
  [[nodiscard]] const StoredTensor& as_tensor() const;
  /// The items of a list or a tuple.
  [[nodiscard]] std::span<const Value> as_sequence() const;

  /// A C++ object: value.as<at::Tensor>(), value.as<std::int64_t>(), value.as<MyStruct>().
  template <class T>
    requires FromValue<T>
  [[nodiscard]] T as() const {
    return ValueTraits<T>::from_value(*this);
  }

  /// Of a dict. A None becomes a dict first, so that trees grow by assignment: root["a"]["b"] = 1;
  Value& operator[](std::string_view key);
  [[nodiscard]] const Value& at(std::string_view key) const;  ///< of a dict; throws Error(key)
  [[nodiscard]] const Value& at(std::size_t index) const;     ///< of a list or tuple
  [[nodiscard]] bool contains(std::string_view key) const;    ///< false if not a dict
  /// Deep: containers are new, tensors share their storages.
  [[nodiscard]] Value clone() const;
  /// The same for two values that are one object: containers, tensors, what came from a file as one. nullptr: only its content tells.
  [[nodiscard]] const void* identity() const noexcept;
  /// Of bytes from a file: the text that they were decoded from, if it was kept; else nullptr.
  [[nodiscard]] const Value* origin() const noexcept;

 private:
  template <class T>
  static detail::NodePointer<T> node(T value, bool identified = false, std::shared_ptr<const Value> origin = {}) {
    return std::make_shared<const detail::Node<T>>(detail::Node<T>{std::move(value), identified, std::move(origin)});
  }
  static Value from_unsigned(std::uint64_t value);  // a BigInt from 2^63 on
  std::variant<std::monostate, bool, std::int64_t, detail::NodePointer<BigInt>, double, detail::NodePointer<std::complex<double>>,
               detail::NodePointer<std::string>, detail::NodePointer<Bytes>, List, Tuple, Dict, Set, std::shared_ptr<const StoredTensor>,
               DType, detail::NodePointer<Device>, Opaque>
      data_;
};

/// Deep, by kind and content (a list is not a tuple, 1 is not 1.0); tensors by dtype, shape and elements.
[[nodiscard]] CAIRN_API bool equal(const Value& left, const Value& right);

}  // namespace cairn::checkpoint

#include "checkpoint/format/value_traits.hpp"
