#include "checkpoint/format/rebuild.hpp"

#include <cctype>

#include "checkpoint/format/arguments.hpp"
#include "checkpoint/format/key.hpp"
#include "checkpoint/format/plain_calls.hpp"
#include "checkpoint/format/storage_words.hpp"
#include "checkpoint/format/view.hpp"
#include "checkpoint/format/wrapped_tensor.hpp"

namespace cairn::checkpoint::format {
namespace {

void check_hooks(const std::vector<Value>& arguments, std::size_t index) {
  if (value_at(arguments, index, Kind::dict).as_dict().size() != 0)
    throw Error(ErrorCode::unsupported, "a tensor with hooks");
}

// {'conj': True, 'neg': True}
void read_math_bits(const std::vector<Value>& arguments, std::size_t index, StoredTensor& tensor) {
  for (const auto& [key, value] : value_at(arguments, index, Kind::dict).as_dict().items()) {
    const bool known =
        key.kind() == Kind::string && (key.as_string() == "conj" || key.as_string() == "neg");
    if (!known || value.kind() != Kind::boolean)
      throw Error(ErrorCode::unsupported, "a tensor with metadata other than conj and neg");
    (key.as_string() == "conj" ? tensor.conjugate : tensor.negative) = value.as_bool();
  }
}

// (tensor, requires_grad, hooks, …)
Value parameter_of(const std::vector<Value>& arguments) {
  StoredTensor tensor = value_at(arguments, 0, Kind::tensor).as_tensor();
  tensor.requires_grad = value_at(arguments, 1, Kind::boolean).as_bool();
  tensor.parameter = true;
  check_hooks(arguments, 2);
  return Value(std::move(tensor));
}

Value rebuild_parameter(const std::vector<Value>& arguments) {
  if (arguments.size() != 3) corrupt("a parameter is described by a wrong number of arguments");
  return parameter_of(arguments);
}

bool is_record_key(std::string_view key) {
  if (key.empty() || key.size() > 200) return false;
  for (const char c : key) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_' && c != '-' && c != '.')
      return false;
  }
  return true;
}

std::uint64_t storage_bytes(const Global& type, const std::vector<Value>& parts) {
  const std::string& key = parts[2].as_string();
  const std::int64_t count = value_at(parts, 4, Kind::integer).as_int();
  const bool untyped = type.what == Known::untyped_storage;
  std::uint64_t nbytes = 0;
  if (count < 0 || __builtin_mul_overflow(static_cast<std::uint64_t>(count),
                                          untyped ? 1 : item_size(type.dtype), &nbytes)) {
    corrupt("storage " + key + " has an impossible size");
  }
  return nbytes;
}

}  // namespace

Value Rebuilder::storage(const Value& persistent_id) {
  if (persistent_id.kind() != Kind::tuple || persistent_id.as_tuple().size() != 5)
    corrupt("a reference to what is no storage");
  const std::vector<Value>& parts = persistent_id.as_tuple().items();
  if (value_at(parts, 0, Kind::string).as_string() != "storage")
    corrupt("a reference to what is no storage");
  const auto type = names_->find(parts[1].identity());
  if (type == names_->end() ||
      (type->second.what != Known::storage_type && type->second.what != Known::untyped_storage)) {
    corrupt("a storage without a type");
  }
  const std::string& key = value_at(parts, 2, Kind::string).as_string();
  static_cast<void>(value_at(parts, 3, Kind::string));
  if (!is_record_key(key)) corrupt("a storage with a key that names no record");
  const std::uint64_t nbytes = storage_bytes(type->second, parts);
  const auto stored = storage_size_(key);
  if (!stored) corrupt("record data/" + key + " is missing");
  if (*stored != nbytes) {
    corrupt("record data/" + key + " has " + std::to_string(*stored) +
            " bytes where its tensors say " + std::to_string(nbytes));
  }
  if (const auto known = by_key_.find(key); known != by_key_.end()) {
    const Opaque& first = known->second.as_opaque();
    const bool untyped = type->second.what == Known::untyped_storage;
    if (first.is_untyped() != untyped || (!untyped && first.memory()->dtype != type->second.dtype))
      corrupt("storage " + key + " is used as two types");
    return known->second;
  }
  return new_storage(type->second, parts);
}

Value Rebuilder::new_storage(const Global& type, const std::vector<Value>& parts) {
  auto storage = std::make_shared<Storage>();
  storage->dtype = type.dtype;
  storage->location = parts[3].as_string();
  storage->nbytes = storage_bytes(type, parts);
  storage->words = std::make_shared<const StorageWords>(
      StorageWords{.storage = parts[0], .key = parts[2], .location = parts[3]});
  storages_.emplace_back(parts[2].as_string(), storage);
  Value opaque = Opaque::storage(std::move(storage), type.what == Known::untyped_storage);
  by_key_.emplace(parts[2].as_string(), opaque);
  return opaque;
}

// _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks[, metadata]); v3 has a
// dtype before the metadata.
Value Rebuilder::rebuild_tensor(bool v3, const std::vector<Value>& arguments) {
  const std::size_t required = v3 ? 7 : 6;
  if (arguments.size() < required || arguments.size() > required + 1)
    corrupt("a tensor is described by a wrong number of arguments");
  const Opaque& memory = value_at(arguments, 0, Kind::opaque).as_opaque();
  if (memory.form() != Opaque::Form::storage || memory.is_untyped() != v3)
    corrupt("a tensor is described without its storage");
  Storage& storage = *memory.memory();
  StoredTensor tensor{.storage = memory.memory(),
                      .dtype = v3 ? value_at(arguments, 6, Kind::dtype).as_dtype() : storage.dtype,
                      .offset = value_at(arguments, 1, Kind::integer).as_int(),
                      .sizes = integers_at(arguments, 2),
                      .strides = integers_at(arguments, 3),
                      .requires_grad = value_at(arguments, 4, Kind::boolean).as_bool()};
  if (is_quantized(tensor.dtype))
    throw Error(ErrorCode::unsupported, "a quantized tensor without its scales");
  check_hooks(arguments, 5);
  if (arguments.size() > required) read_math_bits(arguments, required, tensor);
  if (storage.nbytes % item_size(tensor.dtype) != 0)
    corrupt("a storage holds no whole number of elements");
  if (const std::string problem = view_problem(tensor, storage.nbytes / item_size(tensor.dtype));
      !problem.empty()) {
    corrupt("a tensor with " + problem);
  }
  if (v3 && !typed_.insert(&storage).second && storage.dtype != tensor.dtype)
    corrupt("a storage is used as two types");
  if (v3) storage.dtype = tensor.dtype;
  return Value(std::move(tensor));
}

Tuple Rebuilder::wrapping(const Global& callee, const Tuple& arguments) {
  std::vector<Value> items = arguments.items();
  if (items.size() != kWrapperArguments)
    corrupt("a tensor with attributes is described by a wrong number of arguments");
  if (callee.what == Known::rebuild_parameter_with_state) {
    if (items[0].kind() != Kind::tensor) return arguments;
    count_copies({items[0]});
    items[0] = parameter_of(items);
    return Tuple(std::move(items));
  }
  const auto function = names_->find(items[0].identity());
  if (function == names_->end() || !makes_tensor(function->second.what)) return arguments;
  items[2] = call(function->second, value_at(items, 2, Kind::tuple).as_tuple());
  // The one that the tensor is written with.
  const bool v3 = storage_name(items[2].as_tensor().dtype).empty();
  if (v3 != (function->second.what == Known::rebuild_v3))
    items[0] = Opaque::name("torch._utils", v3 ? "_rebuild_tensor_v3" : "_rebuild_tensor_v2");
  return Tuple(std::move(items));
}

// A call copies what it is given, and two bytes can give it the same again and again. Pickles that
// Python writes name what they hand to such a call once.
void Rebuilder::count_copies(const std::vector<Value>& arguments) {
  std::uint64_t size = 0;
  for (const Value& argument : arguments) {
    size += key_cost(argument);
    if (argument.kind() == Kind::list || argument.kind() == Kind::tuple)
      size += argument.as_sequence().size();
    if (argument.kind() == Kind::dict) size += argument.as_dict().size();
    if (argument.kind() == Kind::tensor) size += 2 * argument.as_tensor().sizes.size();
  }
  if (size > copies_left_)
    throw Error(ErrorCode::limit, "texts or containers that are repeated too often");
  copies_left_ -= size;
}

Value Rebuilder::call(const Global& callee, const Tuple& arguments) {
  count_copies(arguments.items());
  switch (callee.what) {
    case Known::rebuild_v2:
      return rebuild_tensor(false, arguments.items());
    case Known::rebuild_v3:
      return rebuild_tensor(true, arguments.items());
    case Known::rebuild_parameter:
      return rebuild_parameter(arguments.items());
    case Known::rebuild_typed:
    case Known::rebuild_parameter_with_state:
    case Known::storage_type:
    case Known::untyped_storage:
    case Known::dtype:
      corrupt("a call of what is no function");
    default:
      return plain_call(callee.what, arguments.items());
  }
}

}  // namespace cairn::checkpoint::format
