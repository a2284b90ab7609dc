#include "tests/hostile/pickle.hpp"

#include "tests/hostile/zip_image.hpp"

namespace hostile::pickle {
namespace {

Ops join(std::initializer_list<Ops> items) {
  Ops all;
  for (const Ops& item : items) all += item;
  return all;
}

}  // namespace

Ops whole(const Ops& body) {
  return "\x80\x02" + body + ".";
}

Ops integer(std::int64_t value) {
  if (value >= 0 && value < 256) return "K" + little_endian(static_cast<std::uint64_t>(value), 1);
  return "\x8a\x08" + little_endian(static_cast<std::uint64_t>(value), 8);
}

Ops text(const std::string& value) {
  return "X" + little_endian(value.size(), 4) + value;
}

Ops global(const std::string& module, const std::string& name) {
  return "c" + module + "\n" + name + "\n";
}

Ops tuple(std::initializer_list<Ops> items) {
  return "(" + join(items) + "t";
}
Ops list(std::initializer_list<Ops> items) {
  return "](" + join(items) + "e";
}
Ops dict(std::initializer_list<Ops> items) {
  return "}(" + join(items) + "u";
}
Ops call(const Ops& callee, const Ops& arguments) {
  return callee + arguments + "R";
}
Ops put(std::uint32_t number) {
  return "r" + little_endian(number, 4);
}
Ops get(std::uint32_t number) {
  return "j" + little_endian(number, 4);
}

Ops repeat(const Ops& ops, std::size_t times) {
  Ops all;
  all.reserve(ops.size() * times);
  for (std::size_t i = 0; i < times; ++i) all += ops;
  return all;
}

Ops ordered_dict() {
  return call(global("collections", "OrderedDict"), kEmptyTuple);
}

Ops StorageId::id() const {
  return tuple({tag, type, key, location, count});
}
Ops StorageId::ops() const {
  return id() + "Q";
}

Ops Tensor::ops() const {
  return call(function, tuple({storage, offset, sizes, strides, requires_grad, hooks, more}));
}

}  // namespace hostile::pickle
