// Any bytes as a checkpoint file: they are refused, or read as a tree that survives being saved.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>

#include "checkpoint/format/archive.hpp"
#include "tests/unit/checkpoint/format/support.hpp"

using namespace cairn::checkpoint;
using namespace cairn::checkpoint::format;

namespace {

std::optional<Value> read(const std::string& file, bool verify) {
  try {
    return read_bytes(file, {.verify = verify});
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::optional<std::string> write(const Value& root) {
  try {
    return write_bytes(root);
  } catch (const Error&) {
    return std::nullopt;  // what torch can't have: NaN as a key, surrogates, …
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string file(reinterpret_cast<const char*>(data), size);
  // Without verify the fuzzer gets past the checksums.
  const std::optional<Value> root = read(file, false);
  const std::optional<Value> verified = read(file, true);
  if (verified && !(root && equal(*verified, *root))) std::abort();
  if (!root) return 0;
  const std::optional<std::string> saved = write(*root);
  if (!saved) return 0;
  const std::optional<Value> again = read(*saved, true);
  if (!again || !equal(*again, *root)) std::abort();
  return 0;
}
