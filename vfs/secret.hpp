// A text that can't be printed by accident: keys, tokens, passwords.
#pragma once

#include <string>

#include "vfs/export.hpp"

namespace cairn::vfs {

/// Has no stream operator and no conversion: reveal() says in the code where a secret is used. Its memory is cleared when it goes.
class CAIRN_API Secret {
 public:
  Secret() = default;
  Secret(std::string value) : value_(std::move(value)) {}  // NOLINT(google-explicit-constructor)
  Secret(const char* value) : value_(value) {}             // NOLINT(google-explicit-constructor)
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept;
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  [[nodiscard]] const std::string& reveal() const noexcept { return value_; }
  [[nodiscard]] bool empty() const noexcept { return value_.empty(); }
  friend bool operator==(const Secret&, const Secret&) = default;

 private:
  std::string value_;
};

}  // namespace cairn::vfs
