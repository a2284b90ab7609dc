#include "checkpoint/format/torchscript.hpp"

#include <unordered_map>
#include <utility>

namespace cairn::checkpoint::format {
namespace {

class Fields {
 public:
  Value of(const Value& value) {
    switch (value.kind()) {
      case Kind::list:
      case Kind::tuple:
      case Kind::dict:
      case Kind::opaque:
        break;
      default:
        return value;
    }
    if (const auto known = made_.find(value.identity()); known != made_.end()) return known->second;
    Value made = make(value);
    made_.emplace(value.identity(), made);
    return made;
  }

 private:
  Value make(const Value& value) {
    switch (value.kind()) {
      case Kind::list:
        return List(items(value));
      case Kind::tuple:
        return value.as_tuple().is_shape() ? value : Value(Tuple(items(value)));
      case Kind::dict:
        return dict(value.as_dict());
      default:
        return object(value);
    }
  }

  std::vector<Value> items(const Value& value) {
    std::vector<Value> made;
    for (const Value& item : value.as_sequence()) made.push_back(of(item));
    return made;
  }

  Dict dict(const Dict& from) {
    Dict made(from.type());
    for (const auto& [key, item] : from.items()) made[key] = of(item);
    return made;
  }

  // torch/csrc/jit/serialization/pickler.cpp: an object is __torch__.Name.__new__() and its fields
  // as a state; lists and dicts of one type are calls of torch.jit._pickle around them.
  Value object(const Value& value) {
    const Opaque& from = value.as_opaque();
    const bool made = from.form() == Opaque::Form::object || from.form() == Opaque::Form::call;
    if (!made || from.callee().kind() != Kind::opaque) return value;
    const Opaque& callee = from.callee().as_opaque();
    if (callee.form() != Opaque::Form::name) return value;
    if (callee.module_name().starts_with("__torch__")) {
      if (from.state().kind() != Kind::dict) return of(from.state());
      Dict fields = Dict::ordered();
      for (const auto& [key, item] : from.state().as_dict().items()) fields[key] = of(item);
      return fields;
    }
    if (callee.module_name() == "torch.jit._pickle" && from.arguments().size() > 0)
      return of(from.arguments().at(0));
    return value;
  }

  std::unordered_map<const void*, Value> made_;
};

}  // namespace

Value torchscript_fields(const Value& root) {
  return Fields().of(root);
}

}  // namespace cairn::checkpoint::format
