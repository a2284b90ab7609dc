// Any bytes as the index of a checkpoint: they are refused, or say of its records what the directory
// says.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "checkpoint/format/error.hpp"
#include "checkpoint/format/index.hpp"

using namespace cairn::checkpoint;
using namespace cairn::checkpoint::format;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const ZipDirectory directory(
      "archive", {{.name = "data.pkl", .data = 64, .size = 4, .crc = 1},
                  {.name = "data/0", .data = 704, .size = 8192, .crc = 0x5FAA8C33}});
  try {
    const auto index =
        parse_index({reinterpret_cast<const char*>(data), size}, directory);
    if (!index) return 0;
    for (const auto& [name, sums] : index->sums) {
      const ZipEntry* entry = directory.find(name);
      if (entry == nullptr || sums.size() > entry->size / 4096 + 1) std::abort();
    }
  } catch (const Error&) {
  }
  return 0;
}
