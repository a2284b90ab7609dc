#include "vfs/secret.hpp"

#include <string.h>  // NOLINT(modernize-deprecated-headers): explicit_bzero

namespace cairn::vfs {
namespace {

/// Also what lies behind size(): an assignment of a shorter text leaves the rest of the longer one
/// there.
void wipe(std::string& value) noexcept {
  value.resize(value.capacity());  // within the capacity: can't throw
  explicit_bzero(value.data(), value.size());
  value.clear();
}

}  // namespace

Secret::Secret(Secret&& other) noexcept : value_(std::move(other.value_)) {
  wipe(other.value_);
}

Secret& Secret::operator=(const Secret& other) {
  if (this == &other) return *this;
  std::string copy = other.value_;
  wipe(value_);
  value_.swap(copy);
  return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this == &other) return *this;
  wipe(value_);
  value_.swap(other.value_);
  return *this;
}

Secret::~Secret() {
  wipe(value_);
}

}  // namespace cairn::vfs
