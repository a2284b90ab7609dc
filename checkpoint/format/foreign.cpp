#include "checkpoint/format/foreign.hpp"

#include <algorithm>
#include <cctype>

#include "checkpoint/format/little_endian.hpp"
#include "checkpoint/format/zip.hpp"

namespace cairn::checkpoint::format {
namespace {

// torch.save before 1.6: a pickled number, 0x1950a86a20f9469cfc6c, comes first
// (torch/serialization.py, MAGIC_NUMBER).
constexpr std::string_view kLegacyMagic{"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"};

bool is_html(std::string_view head) {
  std::string lower(head.substr(0, 256));
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower.find("<!doctype html") != std::string::npos ||
         lower.find("<html") != std::string::npos;
}

bool is_safetensors(std::string_view head, std::uint64_t size) {
  return head.size() > 8 && head[8] == '{' && get_integer(head, 0, 8) < size;
}

bool is_tar(std::string_view head) {
  return head.size() >= 262 && head.substr(257, 5) == "ustar";
}

Error unsupported(const std::string& what) {
  return {ErrorCode::unsupported, what};
}

}  // namespace

Error describe_foreign(std::string_view head, std::uint64_t size) {
  if (size == 0) return {ErrorCode::corrupt, "the file is empty"};
  if (head.starts_with(zip::kLocalHeader)) {
    return {
        ErrorCode::corrupt,
        "the zip has no directory at its end: the file is truncated, or something was added to it"};
  }
  if (head.substr(0, 32).find(kLegacyMagic) != std::string_view::npos || is_tar(head)) {
    return unsupported(
        "the format of torch.save before 1.6; load it in Python and save it again with torch.save");
  }
  if (is_safetensors(head, size))
    return unsupported("a safetensors file, not an archive of torch.save");
  if (is_html(head))
    return unsupported("an HTML page, not a checkpoint (a wrong link, or a login page?)");
  if (head.starts_with("\x89HDF\r\n"))
    return unsupported("an HDF5 file, not an archive of torch.save");
  if (head.starts_with("\x93NUMPY"))
    return unsupported("a NumPy file, not an archive of torch.save");
  if (head.starts_with("\x1f\x8b")) return unsupported("a gzip file; decompress it first");
  if (head.starts_with("GGUF")) return unsupported("a GGUF file, not an archive of torch.save");
  if (head.size() > 1 && head[0] == '\x80' && head[1] <= 5) {
    return unsupported("a bare pickle, not an archive of torch.save");
  }
  return unsupported("not an archive of torch.save");
}

}  // namespace cairn::checkpoint::format
