// Any bytes as a data.pkl: they are refused, or read as a tree whose own pickle is read as the
// same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "checkpoint/format/decoder.hpp"
#include "checkpoint/format/error.hpp"

using namespace cairn::checkpoint;
using namespace cairn::checkpoint::format;

namespace {

// Records of 0 to 64 bytes, so that each type of storage has one that fits.
std::optional<std::uint64_t> storage_size(std::string_view key) {
  if (key.size() != 1 || key[0] < '0' || key[0] > '6') return std::nullopt;
  return key[0] == '0' ? 16 : std::uint64_t{1} << static_cast<unsigned>(key[0] - '0');
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view pickle(reinterpret_cast<const char*>(data), size);
  try {
    const Decoded decoded = decode(pickle, storage_size, {.max_depth = 100});
    if (!equal(decoded.root, decoded.root.clone())) std::abort();
  } catch (const Error&) {
  }
  return 0;
}
