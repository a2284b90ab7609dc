#include "checkpoint/format/rebuild.hpp"

#include <cctype>

#include "checkpoint/format/text.hpp"
#include "checkpoint/format/view.hpp"

namespace cairn::checkpoint::format {
namespace {

[[noreturn]] void corrupt(const std::string& what) {
  throw Error(ErrorCode::corrupt, what);
}

const Value& value_at(const std::vector<Item>& items, std::size_t index, Kind kind) {
  const Value* value = value_in(items[index]);
  if (value == nullptr || value->kind() != kind) {
    corrupt("argument " + std::to_string(index) + " of a call is " +
            std::string(describe(items[index])) + ", not " + std::string(to_string(kind)));
  }
  return *value;
}

std::vector<std::int64_t> integers(const std::vector<Item>& items, std::size_t index) {
  std::vector<std::int64_t> numbers;
  for (const Value& item : value_at(items, index, Kind::tuple).as_tuple().items()) {
    if (item.kind() != Kind::integer) corrupt("a size or stride of a tensor is no int");
    numbers.push_back(item.as_int());
  }
  return numbers;
}

void check_hooks(const std::vector<Item>& items, std::size_t index) {
  if (value_at(items, index, Kind::dict).as_dict().size() != 0)
    throw Error(ErrorCode::unsupported, "a tensor with hooks");
}

// {'conj': True, 'neg': True}
void read_math_bits(const std::vector<Item>& items, std::size_t index, StoredTensor& tensor) {
  for (const auto& [key, value] : value_at(items, index, Kind::dict).as_dict().items()) {
    const bool known =
        key.kind() == Kind::string && (key.as_string() == "conj" || key.as_string() == "neg");
    if (!known || value.kind() != Kind::boolean)
      throw Error(ErrorCode::unsupported, "a tensor with metadata other than conj and neg");
    (key.as_string() == "conj" ? tensor.conjugate : tensor.negative) = value.as_bool();
  }
}

DType element_type(const StorageItem& item, const std::vector<Item>& arguments) {
  const Global* dtype = arguments.size() > 6 ? global_in(arguments[6]) : nullptr;
  if (!item.untyped) return item.storage->dtype;
  if (dtype == nullptr || dtype->what != Known::dtype)
    corrupt("a tensor of an untyped storage names no type");
  return dtype->dtype;
}

// _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks[, metadata]); v3 has a
// dtype before the metadata.
Value rebuild_tensor(bool v3, const std::vector<Item>& arguments, std::set<const Storage*>& typed) {
  const std::size_t required = v3 ? 7 : 6;
  if (arguments.size() < required || arguments.size() > required + 1)
    corrupt("a tensor is described by a wrong number of arguments");
  const auto* item = std::get_if<StorageItem>(&arguments[0]);
  if (item == nullptr || item->untyped != v3) corrupt("a tensor is described without its storage");
  Storage& storage = *item->storage;
  StoredTensor tensor{.storage = item->storage,
                      .dtype = element_type(*item, arguments),
                      .offset = value_at(arguments, 1, Kind::integer).as_int(),
                      .sizes = integers(arguments, 2),
                      .strides = integers(arguments, 3),
                      .requires_grad = value_at(arguments, 4, Kind::boolean).as_bool()};
  if (is_quantized(tensor.dtype)) throw Error(ErrorCode::unsupported, "a quantized tensor");
  check_hooks(arguments, 5);
  if (arguments.size() > required) read_math_bits(arguments, required, tensor);
  if (storage.nbytes % item_size(tensor.dtype) != 0)
    corrupt("a storage holds no whole number of elements");
  if (const std::string problem = view_problem(tensor, storage.nbytes / item_size(tensor.dtype));
      !problem.empty()) {
    corrupt("a tensor with " + problem);
  }
  if (v3 && !typed.insert(&storage).second && storage.dtype != tensor.dtype)
    corrupt("a storage is used as two types");
  if (v3) storage.dtype = tensor.dtype;
  return Value(std::move(tensor));
}

Value rebuild_parameter(const std::vector<Item>& arguments) {
  if (arguments.size() != 3) corrupt("a parameter is described by a wrong number of arguments");
  StoredTensor tensor = value_at(arguments, 0, Kind::tensor).as_tensor();
  tensor.requires_grad = value_at(arguments, 1, Kind::boolean).as_bool();
  check_hooks(arguments, 2);
  return Value(std::move(tensor));
}

Value encode(const std::vector<Item>& arguments) {
  if (arguments.size() != 2) corrupt("bytes are described by a wrong number of arguments");
  const std::string& text = value_at(arguments, 0, Kind::string).as_string();
  const std::string& encoding = value_at(arguments, 1, Kind::string).as_string();
  if (encoding != "latin1")
    throw Error(ErrorCode::unsupported, "bytes in an encoding other than latin1");
  auto bytes = utf8_to_latin1(text);
  if (!bytes) corrupt("bytes above 255");
  return Value(Bytes{*std::move(bytes)});
}

Value make_dict(bool ordered, const std::vector<Item>& arguments) {
  if (!ordered) {
    if (arguments.size() > 1) corrupt("a Counter is described by a wrong number of arguments");
    return arguments.empty() ? Value(Dict()) : value_at(arguments, 0, Kind::dict);
  }
  Dict dict = Dict::ordered();
  if (arguments.empty()) return dict;
  // Protocol 0 and very old files: OrderedDict([[key, value], …]).
  if (arguments.size() > 1) corrupt("an OrderedDict is described by a wrong number of arguments");
  for (const Value& pair : value_at(arguments, 0, Kind::list).as_list().items()) {
    if (pair.kind() != Kind::list && pair.kind() != Kind::tuple)
      corrupt("an OrderedDict of what are no pairs");
    if (pair.as_sequence().size() != 2) corrupt("an OrderedDict of what are no pairs");
    dict[pair.as_sequence()[0]] = pair.as_sequence()[1];
  }
  return dict;
}

bool is_record_key(std::string_view key) {
  if (key.empty() || key.size() > 200) return false;
  for (const char c : key) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_' && c != '-' && c != '.')
      return false;
  }
  return true;
}

}  // namespace

StorageItem Rebuilder::storage(const Arguments& persistent_id) {
  const std::vector<Item>& parts = persistent_id.items;
  if (parts.size() != 5 || value_at(parts, 0, Kind::string).as_string() != "storage")
    corrupt("a reference to what is no storage");
  const Global* type = global_in(parts[1]);
  if (type == nullptr ||
      (type->what != Known::storage_type && type->what != Known::untyped_storage)) {
    corrupt("a storage without a type");
  }
  const std::string& key = value_at(parts, 2, Kind::string).as_string();
  const std::string& location = value_at(parts, 3, Kind::string).as_string();
  const std::int64_t count = value_at(parts, 4, Kind::integer).as_int();
  if (!is_record_key(key)) corrupt("a storage with a key that names no record");

  const bool untyped = type->what == Known::untyped_storage;
  std::uint64_t nbytes = 0;
  if (count < 0 || __builtin_mul_overflow(static_cast<std::uint64_t>(count),
                                          untyped ? 1 : item_size(type->dtype), &nbytes)) {
    corrupt("storage " + key + " has an impossible size");
  }
  const auto stored = storage_size_(key);
  if (!stored) corrupt("record data/" + key + " is missing");
  if (*stored != nbytes) {
    corrupt("record data/" + key + " has " + std::to_string(*stored) +
            " bytes where its tensors say " + std::to_string(nbytes));
  }
  if (const auto known = by_key_.find(key); known != by_key_.end()) {
    if (known->second.untyped != untyped ||
        (!untyped && known->second.storage->dtype != type->dtype)) {
      corrupt("storage " + key + " is used as two types");
    }
    return known->second;
  }
  auto storage = std::make_shared<Storage>();
  storage->dtype = type->dtype;
  storage->location = location;
  storage->nbytes = nbytes;
  storages_.emplace_back(key, storage);
  return by_key_.emplace(key, StorageItem{.storage = std::move(storage), .untyped = untyped})
      .first->second;
}

Value Rebuilder::call(const Global& callee, const std::vector<Item>& arguments) {
  switch (callee.what) {
    case Known::ordered_dict:
      return make_dict(true, arguments);
    case Known::counter:
      return make_dict(false, arguments);
    case Known::size:
      if (arguments.size() != 1)
        corrupt("a torch.Size is described by a wrong number of arguments");
      return value_at(arguments, 0, Kind::tuple);
    case Known::encode:
      return encode(arguments);
    case Known::bytes:
      if (!arguments.empty()) throw Error(ErrorCode::unsupported, "bytes() of something");
      return Value(Bytes{});
    case Known::rebuild_v2:
      return rebuild_tensor(false, arguments, typed_);
    case Known::rebuild_v3:
      return rebuild_tensor(true, arguments, typed_);
    case Known::rebuild_parameter:
      return rebuild_parameter(arguments);
    case Known::storage_type:
    case Known::untyped_storage:
    case Known::dtype:
      break;
  }
  corrupt("a call of what is no function");
}

}  // namespace cairn::checkpoint::format
