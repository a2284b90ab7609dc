// What the tests of cereal's types share: objects as trees and back.
#pragma once

#include <string>

#include "checkpoint/cereal.hpp"
#include "tests/support/catch.hpp"

namespace cairn::checkpoint {

template <class T>
T round_trip(const T& object) {
  T result{};
  CHECK(from_tree(to_tree(object), result, "it").ok());
  return result;
}

/// What reading a T, "it", is refused with.
template <class T>
std::string error_of(const Value& tree, ErrorCode code = ErrorCode::type) {
  try {
    T object{};
    from_tree(tree, object, "it");
  } catch (const Error& error) {
    CHECK(error.code() == code);
    return error.what();
  }
  FAIL("no error");
  return {};
}

}  // namespace cairn::checkpoint
