#include "checkpoint/format/arguments.hpp"

namespace cairn::checkpoint::format {

void corrupt(const std::string& what) {
  throw Error(ErrorCode::corrupt, what);
}

const Value& value_at(const std::vector<Value>& arguments, std::size_t index, Kind kind) {
  const Value& value = arguments.at(index);
  if (value.kind() != kind) {
    corrupt("argument " + std::to_string(index) + " of a call is " +
            std::string(to_string(value.kind())) + ", not " + std::string(to_string(kind)));
  }
  return value;
}

std::vector<std::int64_t> integers_at(const std::vector<Value>& arguments, std::size_t index) {
  std::vector<std::int64_t> numbers;
  for (const Value& item : value_at(arguments, index, Kind::tuple).as_tuple().items()) {
    if (item.kind() != Kind::integer) corrupt("a size or stride of a tensor is no int");
    numbers.push_back(item.as_int());
  }
  return numbers;
}

}  // namespace cairn::checkpoint::format
