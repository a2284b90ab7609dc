#include "checkpoint/format/key.hpp"

#include <cmath>
#include <functional>
#include <limits>
#include <string_view>

#include "checkpoint/format/integers.hpp"
#include "checkpoint/format/text.hpp"

namespace cairn::checkpoint {
namespace {

constexpr int kMaxDepth = 4;
constexpr std::size_t kMaxLeaves = 4096;
constexpr std::size_t kShown = 80;

bool whole(double value) {
  return std::isfinite(value) && std::trunc(value) == value;
}

bool in_int64(double value) {
  return value >= -0x1p63 && value < 0x1p63;
}

// The number as an int64, if it is one: of bool, int, and of reals and big integers that fit.
std::optional<std::int64_t> small_integer(const Value& key) {
  switch (key.kind()) {
    case Kind::boolean:
      return key.as_bool() ? 1 : 0;
    case Kind::integer:
      return key.as_int();
    case Kind::big_integer:
      return decode_integer(key.as_big_int().data);
    case Kind::real: {
      const double value = key.as_double();
      if (whole(value) && in_int64(value)) return static_cast<std::int64_t>(value);
      return std::nullopt;
    }
    default:
      return std::nullopt;
  }
}

// Of whole numbers beyond 64 bits; empty for others.
std::string large_integer(const Value& key) {
  if (key.kind() == Kind::big_integer) return std::string(minimal_integer(key.as_big_int().data));
  if (key.kind() == Kind::real && whole(key.as_double())) return encode_whole(key.as_double());
  return {};
}

std::size_t combine(std::size_t seed, std::size_t value) {
  return seed ^ (value + 0x9e3779b97f4a7c15ULL + (seed << 6U) + (seed >> 2U));
}

std::size_t hash_number(const Value& key) {
  if (const auto integer = small_integer(key)) return std::hash<std::int64_t>{}(*integer);
  if (const std::string large = large_integer(key); !large.empty())
    return std::hash<std::string>{}(large);
  const double value = key.as_double();
  return std::hash<double>{}(std::isnan(value) ? std::numeric_limits<double>::quiet_NaN() : value);
}

std::size_t hash_at(const Value& key, int depth, std::size_t& leaves) {
  if (++leaves > kMaxLeaves) throw Error(ErrorCode::type, "a tuple this large can't be a key");
  switch (key.kind()) {
    case Kind::none:
      return 0x6e6f6e65;
    case Kind::boolean:
    case Kind::integer:
    case Kind::big_integer:
    case Kind::real:
      return hash_number(key);
    case Kind::complex:
      if (key.as_complex().imag() == 0) return hash_number(Value(key.as_complex().real()));
      return combine(std::hash<double>{}(key.as_complex().real()),
                     std::hash<double>{}(key.as_complex().imag()));
    case Kind::string:
      return std::hash<std::string_view>{}(key.as_string());
    case Kind::dtype:
      return combine(2, static_cast<std::size_t>(key.as_dtype()));
    case Kind::device:
      return combine(3, std::hash<std::string_view>{}(key.as_device().type));
    case Kind::tensor:
    case Kind::opaque:
      return std::hash<const void*>{}(key.identity());
    case Kind::bytes:
      return combine(1, std::hash<std::string_view>{}(key.as_bytes().data));
    case Kind::tuple: {
      if (depth == kMaxDepth)
        throw Error(ErrorCode::type, "tuples nested this deep can't be a key");
      std::size_t seed = key.as_tuple().size();
      for (const Value& item : key.as_tuple().items())
        seed = combine(seed, hash_at(item, depth + 1, leaves));
      return seed;
    }
    default:
      throw Error(ErrorCode::type, "a " + std::string(to_string(key.kind())) + " can't be a key");
  }
}

bool is_number(Kind kind) {
  return kind == Kind::boolean || kind == Kind::integer || kind == Kind::big_integer ||
         kind == Kind::real;
}

// A complex number without an imaginary part is the same key as the real number.
Value simplified(const Value& key) {
  if (key.kind() != Kind::complex || key.as_complex().imag() != 0) return key;
  return Value(key.as_complex().real());
}

bool same_number(const Value& left, const Value& right) {
  const auto small_left = small_integer(left);
  const auto small_right = small_integer(right);
  if (small_left || small_right) return small_left == small_right;
  const std::string large_left = large_integer(left);
  const std::string large_right = large_integer(right);
  if (!large_left.empty() || !large_right.empty()) return large_left == large_right;
  const double real_left = left.as_double();
  const double real_right = right.as_double();
  // Every NaN is one key: Python's, which is equal to itself only by identity, could not be found
  // again here.
  return real_left == real_right || (std::isnan(real_left) && std::isnan(real_right));
}

bool same_tuple(const Tuple& left, const Tuple& right) {
  if (left.identity() == right.identity()) return true;
  if (left.size() != right.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (!same_key(left.items()[i], right.items()[i])) return false;
  }
  return true;
}

std::uint64_t cost_at(const Value& key, int depth, std::size_t& leaves) {
  if (key.kind() != Kind::tuple) return key_cost(key);
  if (depth == kMaxDepth) return 1;
  std::uint64_t cost = 1;
  for (const Value& item : key.as_tuple().items()) {
    if (++leaves > kMaxLeaves) break;
    cost += cost_at(item, depth + 1, leaves);
  }
  return cost;
}

std::uint64_t tuple_cost(const Tuple& tuple) {
  std::size_t leaves = 0;
  return cost_at(Value(tuple), 0, leaves);
}

std::string show_at(const Value& key, int depth);

// What is shown need not be a key yet: a tuple can be nested a million deep.
std::string show_tuple(const Tuple& tuple, int depth) {
  if (depth == kMaxDepth) return "(…)";
  std::string text = "(";
  for (const Value& item : tuple.items()) {
    if (text.size() > kShown) break;
    if (text.size() > 1) text += ", ";
    text += show_at(item, depth + 1);
  }
  return text + (tuple.size() == 1 ? ",)" : ")");
}

std::string show_at(const Value& key, int depth) {
  switch (key.kind()) {
    case Kind::none:
      return "None";
    case Kind::boolean:
      return key.as_bool() ? "True" : "False";
    case Kind::integer:
      return std::to_string(key.as_int());
    case Kind::real:
      return std::to_string(key.as_double());
    case Kind::string:
      return "'" + format::printable(key.as_string(), kShown) + "'";
    case Kind::tuple:
      return show_tuple(key.as_tuple(), depth);
    default:
      return "<" + std::string(to_string(key.kind())) + ">";
  }
}

}  // namespace

std::size_t hash_key(const Value& key) {
  std::size_t leaves = 0;
  return hash_at(key, 0, leaves);
}

std::uint64_t key_cost(const Value& key) {
  switch (key.kind()) {
    case Kind::string:
      return key.as_string().size();
    case Kind::bytes:
      return key.as_bytes().data.size();
    case Kind::big_integer:
      return key.as_big_int().data.size();
    case Kind::tuple:
      return tuple_cost(key.as_tuple());
    default:
      return 1;
  }
}

bool same_key(const Value& given_left, const Value& given_right) {
  const Value left = simplified(given_left);
  const Value right = simplified(given_right);
  if (is_number(left.kind()) && is_number(right.kind())) return same_number(left, right);
  if (left.kind() != right.kind()) return false;
  switch (left.kind()) {
    case Kind::none:
      return true;
    case Kind::complex:
      return left.as_complex() == right.as_complex();
    case Kind::dtype:
      return left.as_dtype() == right.as_dtype();
    case Kind::device:
      return left.as_device() == right.as_device();
    case Kind::tensor:
    case Kind::opaque:
      return left.identity() == right.identity();
    case Kind::string:
      return left.as_string() == right.as_string();
    case Kind::bytes:
      return left.as_bytes() == right.as_bytes();
    case Kind::tuple:
      return same_tuple(left.as_tuple(), right.as_tuple());
    default:
      return false;
  }
}

std::string show_key(const Value& key) { return show_at(key, 0); }

}  // namespace cairn::checkpoint
