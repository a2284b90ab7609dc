// The one exception of checkpoint: files that are damaged or foreign, and values that don't fit.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "vfs/export.hpp"

namespace cairn::checkpoint {

enum class ErrorCode {
  corrupt,      ///< damaged: checksum, truncation, contradiction
  unsupported,  ///< whole, but not a format or type that can be read
  limit,        ///< larger or deeper than allowed
  key,          ///< no such key
  type,         ///< the value is of another kind
  mismatch,     ///< state does not fit: missing, unexpected keys, shapes
};

[[nodiscard]] CAIRN_API std::string_view to_string(ErrorCode code);

class CAIRN_API Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  [[nodiscard]] ErrorCode code() const noexcept { return code_; }

 private:
  ErrorCode code_;
};

}  // namespace cairn::checkpoint
