// Any bytes as a safetensors file: they are refused, or read as tensors that survive being saved.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "checkpoint/format/safetensors.hpp"
#include "vfs/file_system.hpp"

using namespace cairn;
using namespace cairn::checkpoint;

namespace {

std::optional<Safetensors> read(const vfs::FileSystem& files, std::string_view name) {
  try {
    return format::load_safetensors(files, vfs::Path(std::string(name)));
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto files = vfs::FileSystem::open("memory://fuzz");
  files.write(vfs::Path("in"), std::string_view(reinterpret_cast<const char*>(data), size));
  const auto content = read(files, "in");
  if (!content) return 0;
  try {
    format::save_safetensors(files, vfs::Path("out"), *content);
  } catch (const Error&) {
    return 0;
  }
  const auto again = read(files, "out");
  if (!again || again->metadata != content->metadata) std::abort();
  for (const auto& [name, tensor] : content->tensors.items()) {
    if (!equal(tensor, again->tensors.at(name))) std::abort();
  }
  return 0;
}
