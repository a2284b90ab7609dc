// A tree of plain data, as Python's pickle knows it: what a checkpoint holds.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "checkpoint/format/error.hpp"
#include "checkpoint/format/stored_tensor.hpp"
#include "vfs/export.hpp"

namespace cairn::checkpoint {

class Value;

/// Raw bytes, apart from text.
struct Bytes {
  std::string data{};
  friend bool operator==(const Bytes&, const Bytes&) = default;
};

/// An int beyond 64 bits: little-endian two's complement, as in pickle's LONG1.
struct BigInt {
  std::string data{};
  friend bool operator==(const BigInt&, const BigInt&) = default;
};

/// Containers are handles, like at::Tensor and as in Python: a copy refers to the same list. clone() copies deeply.
class CAIRN_API List {
 public:
  List();
  List(std::initializer_list<Value> items);
  explicit List(std::vector<Value> items);
  [[nodiscard]] std::size_t size() const noexcept { return items_->size(); }
  [[nodiscard]] std::vector<Value>& items() noexcept { return *items_; }
  [[nodiscard]] const std::vector<Value>& items() const noexcept { return *items_; }
  void push_back(Value value);
  [[nodiscard]] const Value& at(std::size_t index) const;  ///< throws Error(key)
  [[nodiscard]] const void* identity() const noexcept { return items_.get(); }

 private:
  std::shared_ptr<std::vector<Value>> items_;
};

class CAIRN_API Tuple {
 public:
  Tuple();
  Tuple(std::initializer_list<Value> items);
  explicit Tuple(std::vector<Value> items);
  [[nodiscard]] std::size_t size() const noexcept { return items_->size(); }
  [[nodiscard]] const std::vector<Value>& items() const noexcept { return *items_; }
  [[nodiscard]] const Value& at(std::size_t index) const;
  [[nodiscard]] const void* identity() const noexcept { return items_.get(); }

 private:
  std::shared_ptr<const std::vector<Value>> items_;
};

/// Keeps the order of insertion. Keys are None, bool, int, float, str, bytes or tuples of these; as in Python 1, 1.0 and True are one.
class CAIRN_API Dict {
 public:
  using Item = std::pair<Value, Value>;
  Dict();
  Dict(std::initializer_list<Item> items);
  /// collections.OrderedDict; a module's state_dict is one.
  [[nodiscard]] static Dict ordered();

  [[nodiscard]] bool is_ordered() const noexcept;
  [[nodiscard]] std::size_t size() const noexcept;
  [[nodiscard]] const std::vector<Item>& items() const noexcept;
  [[nodiscard]] bool contains(const Value& key) const;
  [[nodiscard]] const Value* find(const Value& key) const;  ///< nullptr if absent
  [[nodiscard]] Value* find(const Value& key);
  /// Inserts None for a new key. Throws Error(type) for a key that can't be one.
  Value& operator[](const Value& key);
  /// Throws Error(key) that names the key and the nearest one.
  [[nodiscard]] const Value& at(const Value& key) const;
  bool erase(const Value& key);
  void clear();
  /// Attributes of an OrderedDict, "_metadata" of a state_dict; empty if it has none.
  [[nodiscard]] const Value& attributes() const;
  void set_attributes(Value attributes);
  [[nodiscard]] const void* identity() const noexcept { return state_.get(); }

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// How a C++ type becomes a Value and comes back: specialise it for your own, with
///   static Value to_value(const T&);   static T from_value(const Value&);   (throws Error)
/// checkpoint/tensor.hpp does so for at::Tensor, checkpoint/cereal.hpp for every type that cereal can serialize.
template <class T>
struct ValueTraits;

template <class T>
concept ToValue = requires(const T& object) { { ValueTraits<T>::to_value(object) } -> std::same_as<Value>; };
template <class T>
concept FromValue = requires(const Value& value) { { ValueTraits<T>::from_value(value) } -> std::same_as<T>; };

enum class Kind { none, boolean, integer, big_integer, real, string, bytes, list, tuple, dict, tensor };
[[nodiscard]] CAIRN_API std::string_view to_string(Kind kind);

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
  Value(const char* text) : data_(std::string(text)) {}        // NOLINT(google-explicit-constructor)
  Value(std::string_view text) : data_(std::string(text)) {}   // NOLINT(google-explicit-constructor)
  Value(std::string text) : data_(std::move(text)) {}          // NOLINT(google-explicit-constructor)
  Value(Bytes bytes) : data_(std::move(bytes)) {}              // NOLINT(google-explicit-constructor)
  Value(BigInt value) : data_(std::move(value)) {}             // NOLINT(google-explicit-constructor)
  Value(List list) : data_(std::move(list)) {}                 // NOLINT(google-explicit-constructor)
  Value(Tuple tuple) : data_(std::move(tuple)) {}              // NOLINT(google-explicit-constructor)
  Value(Dict dict) : data_(std::move(dict)) {}                 // NOLINT(google-explicit-constructor)
  Value(StoredTensor tensor) : data_(std::make_shared<const StoredTensor>(std::move(tensor))) {}  // NOLINT
  template <class T>
    requires(!std::same_as<T, Value> && ToValue<T>)
  Value(const T& object) : Value(ValueTraits<T>::to_value(object)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] Kind kind() const noexcept { return static_cast<Kind>(data_.index()); }
  [[nodiscard]] bool is_none() const noexcept { return kind() == Kind::none; }

  // Each throws Error(type) that says what the value is instead.
  [[nodiscard]] bool as_bool() const;
  [[nodiscard]] std::int64_t as_int() const;
  [[nodiscard]] std::uint64_t as_unsigned() const;  ///< an int of 0 to 2^64 - 1
  [[nodiscard]] double as_double() const;  ///< an int too
  [[nodiscard]] const std::string& as_string() const;
  [[nodiscard]] const Bytes& as_bytes() const;
  [[nodiscard]] const BigInt& as_big_int() const;
  [[nodiscard]] const List& as_list() const;
  [[nodiscard]] List& as_list();
  [[nodiscard]] const Tuple& as_tuple() const;
  [[nodiscard]] const Dict& as_dict() const;
  [[nodiscard]] Dict& as_dict();
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

 private:
  static Value from_unsigned(std::uint64_t value);  // a BigInt from 2^63 on
  std::variant<std::monostate, bool, std::int64_t, BigInt, double, std::string, Bytes, List, Tuple, Dict, std::shared_ptr<const StoredTensor>>
      data_;
};

/// Deep, by kind and content (a list is not a tuple, 1 is not 1.0); tensors by dtype, shape and elements.
[[nodiscard]] CAIRN_API bool equal(const Value& left, const Value& right);

}  // namespace cairn::checkpoint

#include "checkpoint/format/value_traits.hpp"
