// Deep copies of trees: what is shared inside the original is shared inside the copy.
#include "checkpoint/format/clone.hpp"

#include <unordered_map>

namespace cairn::checkpoint {
namespace {

class Cloner {
 public:
  Cloner(const MapMemory& memory, const MapTensor& tensor) : map_(memory), tensor_(tensor) {}

  Value clone(const Value& value) {
    switch (value.kind()) {
      case Kind::list:
        return once(value, [&] { return List(clone_items(value.as_list().items())); });
      case Kind::tuple:
        return once(value, [&] { return clone_tuple(value.as_tuple()); });
      case Kind::dict:
        return once(value, [&] { return clone_dict(value.as_dict()); });
      case Kind::set:
        return once(value, [&] { return clone_set(value.as_set()); });
      case Kind::opaque:
        return once(value, [&] { return clone_opaque(value.as_opaque()); });
      case Kind::tensor:
        if (map_ || tensor_) return once(value, [&] { return clone_tensor(value.as_tensor()); });
        return value;
      default:
        return value;
    }
  }

 private:
  template <class Make>
  Value once(const Value& original, const Make& make) {
    const void* identity = original.identity();
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

  Tuple clone_tuple(const Tuple& tuple) {
    std::vector<Value> items = clone_items(tuple.items());
    return tuple.is_shape() ? Tuple::shape(std::move(items)) : Tuple(std::move(items));
  }

  Dict clone_dict(const Dict& dict) {
    Dict copy(dict.type());
    for (const auto& [key, item] : dict.items()) copy[clone(key)] = clone(item);
    copy.set_attributes(clone(dict.attributes()));
    return copy;
  }

  Set clone_set(const Set& set) {
    Set copy;
    for (const Value& item : set.items()) copy.insert(clone(item));
    return copy;
  }

  StoredTensor clone_tensor(StoredTensor tensor) {
    if (tensor_) return tensor_(tensor);
    tensor.storage = map_(tensor.storage);
    return tensor;
  }

  // Names are what they are, wherever they stand.
  Opaque clone_opaque(const Opaque& object) {
    using Form = Opaque::Form;
    if (object.form() == Form::name || object.form() == Form::cut) return object;
    if (object.form() == Form::storage)
      return map_ ? Opaque::storage(map_(object.memory()), object.is_untyped()) : object;
    Opaque copy =
        Opaque::make(object.form(), clone(object.callee()), clone_tuple(object.arguments()));
    copy.items() = clone_items(object.items());
    for (const auto& [key, item] : object.entries())
      copy.entries().emplace_back(clone(key), clone(item));
    copy.state() = clone(object.state());
    return copy;
  }

  const MapMemory& map_;
  const MapTensor& tensor_;
  std::unordered_map<const void*, Value> copies_;
};

}  // namespace

Value clone(const Value& value, const MapMemory& map) {
  return Cloner(map, {}).clone(value);
}

Value clone_tensors(const Value& value, const MapTensor& map) {
  return Cloner({}, map).clone(value);
}

Value Value::clone() const {
  return Cloner({}, {}).clone(*this);
}

}  // namespace cairn::checkpoint
