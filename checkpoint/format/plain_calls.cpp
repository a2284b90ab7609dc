#include "checkpoint/format/plain_calls.hpp"

#include "checkpoint/format/arguments.hpp"
#include "checkpoint/format/text.hpp"

namespace cairn::checkpoint::format {
namespace {

[[noreturn]] void wrong_number(const std::string& what) {
  corrupt(what + " is described by a wrong number of arguments");
}

Value encode(const std::vector<Value>& arguments) {
  if (arguments.size() != 2) wrong_number("a bytes object");
  const std::string& text = value_at(arguments, 0, Kind::string).as_string();
  const std::string& encoding = value_at(arguments, 1, Kind::string).as_string();
  if (encoding != "latin1")
    throw Error(ErrorCode::unsupported, "bytes in an encoding other than latin1");
  auto bytes = utf8_to_latin1(text);
  if (!bytes) corrupt("bytes above 255");
  // CPython has one object for each single character: such a text may stand elsewhere, too.
  const bool single = bytes->size() <= 1;
  return Value::identified(Bytes{*std::move(bytes)},
                           single ? std::make_shared<const Value>(arguments[0]) : nullptr);
}

Value empty_bytes(const std::vector<Value>& arguments) {
  if (!arguments.empty()) throw Error(ErrorCode::unsupported, "bytes() of something");
  return Value::identified(Bytes{});
}

// Protocol 0 and very old files: OrderedDict([[key, value], …]).
Value ordered_dict(const std::vector<Value>& arguments) {
  Dict dict = Dict::ordered();
  if (arguments.empty()) return dict;
  if (arguments.size() > 1) wrong_number("an OrderedDict");
  for (const Value& pair : value_at(arguments, 0, Kind::list).as_list().items()) {
    if (pair.kind() != Kind::list && pair.kind() != Kind::tuple)
      corrupt("an OrderedDict of what are no pairs");
    if (pair.as_sequence().size() != 2) corrupt("an OrderedDict of what are no pairs");
    dict[pair.as_sequence()[0]] = pair.as_sequence()[1];
  }
  return dict;
}

Value counter(const std::vector<Value>& arguments) {
  if (arguments.size() > 1) wrong_number("a Counter");
  Dict dict(Dict::Type::counter);
  if (arguments.empty()) return dict;
  for (const auto& [key, count] : value_at(arguments, 0, Kind::dict).as_dict().items())
    dict[key] = count;
  return dict;
}

Value shape(const std::vector<Value>& arguments) {
  if (arguments.size() != 1) wrong_number("a torch.Size");
  for (const Value& size : value_at(arguments, 0, Kind::tuple).as_tuple().items()) {
    if (size.kind() != Kind::integer) corrupt("a torch.Size of what are no ints");
  }
  return Tuple::shape(arguments[0].as_tuple().items());
}

Value complex(const std::vector<Value>& arguments) {
  if (arguments.size() != 2) wrong_number("a complex number");
  return Value::identified(std::complex<double>(value_at(arguments, 0, Kind::real).as_double(),
                                                value_at(arguments, 1, Kind::real).as_double()));
}

Value set(const std::vector<Value>& arguments) {
  if (arguments.size() > 1) wrong_number("a set");
  Set items;
  if (arguments.empty()) return items;
  for (const Value& item : value_at(arguments, 0, Kind::list).as_list().items()) items.insert(item);
  return items;
}

Value device(const std::vector<Value>& arguments) {
  if (arguments.empty() || arguments.size() > 2) wrong_number("a torch.device");
  Device device{.type = value_at(arguments, 0, Kind::string).as_string()};
  if (arguments.size() == 2) device.index = value_at(arguments, 1, Kind::integer).as_int();
  return Value::identified(std::move(device));
}

}  // namespace

Value plain_call(Known callee, const std::vector<Value>& arguments) {
  switch (callee) {
    case Known::ordered_dict:
      return ordered_dict(arguments);
    case Known::counter:
      return counter(arguments);
    case Known::size:
      return shape(arguments);
    case Known::encode:
      return encode(arguments);
    case Known::bytes:
      return empty_bytes(arguments);
    case Known::complex:
      return complex(arguments);
    case Known::set:
      return set(arguments);
    case Known::device:
      return device(arguments);
    default:
      return {};
  }
}

}  // namespace cairn::checkpoint::format
