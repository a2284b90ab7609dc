#include "checkpoint/format/error.hpp"

namespace cairn::checkpoint {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::corrupt:
      return "corrupt";
    case ErrorCode::unsupported:
      return "unsupported";
    case ErrorCode::limit:
      return "limit";
    case ErrorCode::key:
      return "key";
    case ErrorCode::type:
      return "type";
    case ErrorCode::mismatch:
      return "mismatch";
  }
  return "unknown";
}

}  // namespace cairn::checkpoint
