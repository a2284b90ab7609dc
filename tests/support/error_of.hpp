// How a call fails.
#pragma once

#include <stdexcept>

#include "tests/support/catch.hpp"
#include "vfs/error.hpp"

namespace cairn::test {

/// The Error that the call throws. Fails the case if it throws none.
template <typename Call>
[[nodiscard]] vfs::Error error_of(const Call& call) {
  try {
    call();
  } catch (const vfs::Error& error) {
    return error;
  }
  FAIL("no error");
  throw std::logic_error("not reached: FAIL throws");
}

template <typename Call>
[[nodiscard]] vfs::ErrorCode code_of(const Call& call) {
  return error_of(call).code();
}

}  // namespace cairn::test
