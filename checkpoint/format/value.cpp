#include "checkpoint/format/value.hpp"

#include <limits>

#include "checkpoint/format/find_tensor.hpp"
#include "checkpoint/format/integers.hpp"

namespace cairn::checkpoint {
namespace {

[[noreturn]] void wrong_kind(std::string_view wanted, Kind found) {
  throw Error(ErrorCode::type,
              "expected " + std::string(wanted) + ", found " + std::string(to_string(found)));
}

}  // namespace

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::none:
      return "None";
    case Kind::boolean:
      return "bool";
    case Kind::integer:
      return "int";
    case Kind::big_integer:
      return "int beyond 64 bits";
    case Kind::real:
      return "float";
    case Kind::complex:
      return "complex";
    case Kind::string:
      return "str";
    case Kind::bytes:
      return "bytes";
    case Kind::list:
      return "list";
    case Kind::tuple:
      return "tuple";
    case Kind::dict:
      return "dict";
    case Kind::set:
      return "set";
    case Kind::tensor:
      return "tensor";
    case Kind::dtype:
      return "torch.dtype";
    case Kind::device:
      return "torch.device";
    case Kind::opaque:
      return "opaque object";
  }
  return "unknown";
}

Value Value::from_unsigned(std::uint64_t value) {
  if (value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    return Value(static_cast<std::int64_t>(value));
  std::string bytes = encode_integer(static_cast<std::int64_t>(value));
  bytes.resize(8, '\xFF');  // encode_integer leaves out what repeats the sign bit
  bytes.push_back('\0');
  return Value(BigInt{std::move(bytes)});
}

namespace {

// What each as_… returns: its alternative, or Error(type) "expected list, found dict".
template <class T, class Data>
auto& alternative(Data& data, Kind kind, std::string_view wanted) {
  if (auto* found = std::get_if<T>(&data)) return *found;
  wrong_kind(wanted, kind);
}

}  // namespace

bool Value::as_bool() const {
  return alternative<bool>(data_, kind(), "bool");
}

std::int64_t Value::as_int() const {
  return alternative<std::int64_t>(data_, kind(), "int");
}

std::uint64_t Value::as_unsigned() const {
  if (kind() == Kind::big_integer) {
    // 2^63 to 2^64 - 1 are nine bytes, the last one 0.
    const std::string_view bytes = minimal_integer(as_big_int().data);
    if (bytes.size() == 9 && bytes.back() == '\0') {
      return static_cast<std::uint64_t>(*decode_integer(bytes.substr(0, 8)));
    }
    throw Error(ErrorCode::type, "the integer does not fit into 64 bits");
  }
  const std::int64_t number = as_int();
  if (number < 0)
    throw Error(ErrorCode::type, "the integer " + std::to_string(number) + " is negative");
  return static_cast<std::uint64_t>(number);
}

double Value::as_double() const {
  if (const auto* value = std::get_if<std::int64_t>(&data_)) return static_cast<double>(*value);
  return alternative<double>(data_, kind(), "float");
}

std::complex<double> Value::as_complex() const {
  if (kind() == Kind::integer || kind() == Kind::real) return as_double();
  return alternative<detail::NodePointer<std::complex<double>>>(data_, kind(), "complex")->value;
}

const std::string& Value::as_string() const {
  return alternative<detail::NodePointer<std::string>>(data_, kind(), "str")->value;
}

const Bytes& Value::as_bytes() const {
  return alternative<detail::NodePointer<Bytes>>(data_, kind(), "bytes")->value;
}

const BigInt& Value::as_big_int() const {
  return alternative<detail::NodePointer<BigInt>>(data_, kind(), "int beyond 64 bits")->value;
}

const List& Value::as_list() const {
  return alternative<List>(data_, kind(), "list");
}
List& Value::as_list() {
  return alternative<List>(data_, kind(), "list");
}
const Tuple& Value::as_tuple() const {
  return alternative<Tuple>(data_, kind(), "tuple");
}
const Dict& Value::as_dict() const {
  return alternative<Dict>(data_, kind(), "dict");
}
Dict& Value::as_dict() {
  return alternative<Dict>(data_, kind(), "dict");
}
const Set& Value::as_set() const {
  return alternative<Set>(data_, kind(), "set");
}
Set& Value::as_set() {
  return alternative<Set>(data_, kind(), "set");
}
DType Value::as_dtype() const {
  return alternative<DType>(data_, kind(), "torch.dtype");
}
const Device& Value::as_device() const {
  return alternative<detail::NodePointer<Device>>(data_, kind(), "torch.device")->value;
}
const Opaque& Value::as_opaque() const {
  return alternative<Opaque>(data_, kind(), "opaque object");
}
Opaque& Value::as_opaque() {
  return alternative<Opaque>(data_, kind(), "opaque object");
}

const StoredTensor& Value::as_tensor() const {
  if (const auto* object = std::get_if<Opaque>(&data_)) {
    if (const StoredTensor* tensor = find_tensor(*this)) return *tensor;
    throw Error(ErrorCode::type, "expected tensor, found an object of " + object->full_name());
  }
  return *alternative<std::shared_ptr<const StoredTensor>>(data_, kind(), "tensor");
}

std::span<const Value> Value::as_sequence() const {
  if (const auto* list = std::get_if<List>(&data_)) return list->items();
  if (const auto* tuple = std::get_if<Tuple>(&data_)) return tuple->items();
  wrong_kind("list or tuple", kind());
}

Value& Value::operator[](std::string_view key) {
  if (is_none()) data_ = Dict();
  return as_dict()[Value(key)];
}

const Value& Value::at(std::string_view key) const {
  return as_dict().at(Value(key));
}

const Value& Value::at(std::size_t index) const {
  if (const auto* list = std::get_if<List>(&data_)) return list->at(index);
  if (const auto* tuple = std::get_if<Tuple>(&data_)) return tuple->at(index);
  wrong_kind("list or tuple", kind());
}

bool Value::contains(std::string_view key) const {
  const auto* dict = std::get_if<Dict>(&data_);
  return dict != nullptr && dict->contains(Value(key));
}

const Value* Value::origin() const noexcept {
  const auto* bytes = std::get_if<detail::NodePointer<Bytes>>(&data_);
  return bytes == nullptr ? nullptr : (*bytes)->origin.get();
}

const void* Value::identity() const noexcept {
  return std::visit(
      [](const auto& held) -> const void* {
        using Held = std::decay_t<decltype(held)>;
        if constexpr (requires { held->identified; }) {
          return held->identified ? held.get() : nullptr;
        } else if constexpr (requires { held.identity(); }) {
          return held.identity();
        } else if constexpr (std::same_as<Held, std::shared_ptr<const StoredTensor>>) {
          return held.get();
        } else {
          return nullptr;
        }
      },
      data_);
}

}  // namespace cairn::checkpoint
