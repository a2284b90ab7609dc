#include "checkpoint/format/wrapped_tensor.hpp"

#include "checkpoint/format/find_tensor.hpp"
#include "checkpoint/format/globals.hpp"

namespace cairn::checkpoint {
namespace format {
namespace {

constexpr std::size_t place_of(Wrapper wrapper) {
  return wrapper == Wrapper::typed ? 2 : 0;
}

bool is_maker(const Value& function) {
  if (function.kind() != Kind::opaque) return false;
  const Opaque& name = function.as_opaque();
  if (name.form() != Opaque::Form::name) return false;
  const auto known = find_global(name.module_name(), name.own_name());
  return known && makes_tensor(known->what);
}

}  // namespace

Wrapper wrapper_of(const Opaque& object) {
  Wrapper wrapper = Wrapper::none;
  if (object.is_call_of("torch._tensor", "_rebuild_from_type_v2")) wrapper = Wrapper::typed;
  if (object.is_call_of("torch._utils", "_rebuild_parameter_with_state"))
    wrapper = Wrapper::parameter;
  if (wrapper == Wrapper::none || object.arguments().size() != kWrapperArguments)
    return Wrapper::none;
  if (wrapper == Wrapper::typed && !is_maker(object.arguments().at(0))) return Wrapper::none;
  const bool strided = object.arguments().at(place_of(wrapper)).kind() == Kind::tensor;
  return strided ? wrapper : Wrapper::none;
}

const StoredTensor& wrapped_tensor(const Opaque& object, Wrapper wrapper) {
  return object.arguments().at(place_of(wrapper)).as_tensor();
}

}  // namespace format

const StoredTensor* find_tensor(const Value& value) {
  if (value.kind() == Kind::tensor) return &value.as_tensor();
  if (value.kind() != Kind::opaque) return nullptr;
  const Opaque& object = value.as_opaque();
  const format::Wrapper wrapper = format::wrapper_of(object);
  return wrapper == format::Wrapper::none ? nullptr : &format::wrapped_tensor(object, wrapper);
}

}  // namespace cairn::checkpoint
