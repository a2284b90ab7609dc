// C++'s own types as Values: included by value.hpp.
#pragma once

#include <limits>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "checkpoint/format/value.hpp"

namespace cairn::checkpoint {

template <class T>
  requires std::is_arithmetic_v<T>
struct ValueTraits<T> {
  // Integers that do not fit into T, and reals where an integer is wanted, are Error(type).
  static T from_value(const Value& value) {
    if constexpr (std::same_as<T, bool>) {
      return value.as_bool();
    } else if constexpr (std::floating_point<T>) {
      return static_cast<T>(value.as_double());
    } else if constexpr (std::unsigned_integral<T> && sizeof(T) == sizeof(std::uint64_t)) {
      return static_cast<T>(value.as_unsigned());
    } else {
      const std::int64_t number = value.as_int();
      if (!std::in_range<T>(number)) throw Error(ErrorCode::type, "the integer " + std::to_string(number) + " does not fit");
      return static_cast<T>(number);
    }
  }
};

template <>
struct ValueTraits<std::string> {
  static std::string from_value(const Value& value) { return value.as_string(); }
};

template <>
struct ValueTraits<Value> {
  static Value from_value(const Value& value) { return value; }
};

template <class T>
  requires(std::convertible_to<T, Value> || ToValue<T> || FromValue<T>)
struct ValueTraits<std::vector<T>> {
  static Value to_value(const std::vector<T>& items) {
    List list;
    for (const auto& item : items) list.push_back(Value(item));
    return list;
  }
  static std::vector<T> from_value(const Value& value) {
    std::vector<T> items;
    for (const Value& item : value.as_sequence()) items.push_back(item.as<T>());
    return items;
  }
};

template <class T>
  requires(std::convertible_to<T, Value> || ToValue<T> || FromValue<T>)
struct ValueTraits<std::map<std::string, T>> {
  static Value to_value(const std::map<std::string, T>& items) {
    Dict dict;
    for (const auto& [key, item] : items) dict[Value(key)] = Value(item);
    return dict;
  }
  static std::map<std::string, T> from_value(const Value& value) {
    std::map<std::string, T> items;
    for (const auto& [key, item] : value.as_dict().items()) items.emplace(key.as_string(), item.template as<T>());
    return items;
  }
};

template <class T>
struct ValueTraits<std::optional<T>> {
  static Value to_value(const std::optional<T>& item) { return item ? Value(*item) : Value(); }
  static std::optional<T> from_value(const Value& value) {
    if (value.is_none()) return std::nullopt;
    return value.as<T>();
  }
};

}  // namespace cairn::checkpoint
