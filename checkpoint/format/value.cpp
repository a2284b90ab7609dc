#include "checkpoint/format/value.hpp"

#include <limits>
#include <unordered_map>

#include "checkpoint/format/integers.hpp"

namespace cairn::checkpoint {
namespace {

const Value& item_at(const std::vector<Value>& items, std::size_t index, std::string_view kind) {
  if (index < items.size()) return items[index];
  throw Error(ErrorCode::key, "no item " + std::to_string(index) + " in a " + std::string(kind) +
                                  " of " + std::to_string(items.size()));
}

[[noreturn]] void wrong_kind(std::string_view wanted, Kind found) {
  throw Error(ErrorCode::type,
              "expected " + std::string(wanted) + ", found " + std::string(to_string(found)));
}

// What is shared inside the original is shared inside the copy.
class Cloner {
 public:
  Value clone(const Value& value) {
    switch (value.kind()) {
      case Kind::list:
        return once(value.as_list().identity(), [&] { return clone_list(value.as_list()); });
      case Kind::tuple:
        return once(value.as_tuple().identity(), [&] { return clone_tuple(value.as_tuple()); });
      case Kind::dict:
        return once(value.as_dict().identity(), [&] { return clone_dict(value.as_dict()); });
      default:
        return value;
    }
  }

 private:
  template <class Make>
  Value once(const void* identity, const Make& make) {
    if (const auto found = copies_.find(identity); found != copies_.end()) return found->second;
    Value copy = make();
    copies_.emplace(identity, copy);
    return copy;
  }

  std::vector<Value> clone_items(const std::vector<Value>& items) {
    std::vector<Value> copies;
    copies.reserve(items.size());
    for (const Value& item : items) copies.push_back(clone(item));
    return copies;
  }

  Value clone_list(const List& list) { return List(clone_items(list.items())); }
  Value clone_tuple(const Tuple& tuple) { return Tuple(clone_items(tuple.items())); }

  Value clone_dict(const Dict& dict) {
    Dict copy = dict.is_ordered() ? Dict::ordered() : Dict();
    for (const auto& [key, item] : dict.items()) copy[key] = clone(item);
    copy.set_attributes(clone(dict.attributes()));
    return copy;
  }

  std::unordered_map<const void*, Value> copies_;
};

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
    case Kind::tensor:
      return "tensor";
  }
  return "unknown";
}

std::int64_t StoredTensor::numel() const {
  std::int64_t count = 1;
  for (const std::int64_t size : sizes) {
    if (__builtin_mul_overflow(count, size, &count))
      throw Error(ErrorCode::type, "a tensor has more elements than 64 bits can count");
  }
  return count;
}

List::List() : items_(std::make_shared<std::vector<Value>>()) {}
List::List(std::initializer_list<Value> items)
    : items_(std::make_shared<std::vector<Value>>(items)) {}
List::List(std::vector<Value> items)
    : items_(std::make_shared<std::vector<Value>>(std::move(items))) {}
void List::push_back(Value value) {
  items_->push_back(std::move(value));
}
const Value& List::at(std::size_t index) const {
  return item_at(*items_, index, "list");
}

Tuple::Tuple() : items_(std::make_shared<const std::vector<Value>>()) {}
Tuple::Tuple(std::initializer_list<Value> items)
    : items_(std::make_shared<const std::vector<Value>>(items)) {}
Tuple::Tuple(std::vector<Value> items)
    : items_(std::make_shared<const std::vector<Value>>(std::move(items))) {}
const Value& Tuple::at(std::size_t index) const {
  return item_at(*items_, index, "tuple");
}

Value Value::from_unsigned(std::uint64_t value) {
  if (value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    return Value(static_cast<std::int64_t>(value));
  std::string bytes = encode_integer(static_cast<std::int64_t>(value));
  bytes.resize(8, '\xFF');  // encode_integer leaves out what repeats the sign bit
  bytes.push_back('\0');
  return Value(BigInt{std::move(bytes)});
}

bool Value::as_bool() const {
  if (const auto* value = std::get_if<bool>(&data_)) return *value;
  wrong_kind("bool", kind());
}

std::int64_t Value::as_int() const {
  if (const auto* value = std::get_if<std::int64_t>(&data_)) return *value;
  wrong_kind("int", kind());
}

std::uint64_t Value::as_unsigned() const {
  if (const auto* value = std::get_if<BigInt>(&data_)) {
    // 2^63 to 2^64 - 1 are nine bytes, the last one 0.
    const std::string_view bytes = minimal_integer(value->data);
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
  if (const auto* value = std::get_if<double>(&data_)) return *value;
  if (const auto* value = std::get_if<std::int64_t>(&data_)) return static_cast<double>(*value);
  wrong_kind("float", kind());
}

const std::string& Value::as_string() const {
  if (const auto* value = std::get_if<std::string>(&data_)) return *value;
  wrong_kind("str", kind());
}

const Bytes& Value::as_bytes() const {
  if (const auto* value = std::get_if<Bytes>(&data_)) return *value;
  wrong_kind("bytes", kind());
}

const BigInt& Value::as_big_int() const {
  if (const auto* value = std::get_if<BigInt>(&data_)) return *value;
  wrong_kind("int beyond 64 bits", kind());
}

const List& Value::as_list() const {
  if (const auto* value = std::get_if<List>(&data_)) return *value;
  wrong_kind("list", kind());
}

List& Value::as_list() {
  if (auto* value = std::get_if<List>(&data_)) return *value;
  wrong_kind("list", kind());
}

const Tuple& Value::as_tuple() const {
  if (const auto* value = std::get_if<Tuple>(&data_)) return *value;
  wrong_kind("tuple", kind());
}

const Dict& Value::as_dict() const {
  if (const auto* value = std::get_if<Dict>(&data_)) return *value;
  wrong_kind("dict", kind());
}

Dict& Value::as_dict() {
  if (auto* value = std::get_if<Dict>(&data_)) return *value;
  wrong_kind("dict", kind());
}

const StoredTensor& Value::as_tensor() const {
  if (const auto* value = std::get_if<std::shared_ptr<const StoredTensor>>(&data_)) return **value;
  wrong_kind("tensor", kind());
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

Value Value::clone() const {
  return Cloner().clone(*this);
}

}  // namespace cairn::checkpoint
