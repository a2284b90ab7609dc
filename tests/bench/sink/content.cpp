#include <algorithm>
#include <cstdio>

#include "tests/bench/sink/services.hpp"
#include "tests/support/pattern.hpp"
#include "vfs/bytes.hpp"
#include "vfs/crypto/crc.hpp"

namespace cairn::bench {
namespace {

using namespace vfs::crypto;

constexpr std::size_t kBlock = 8U << 20U;

Content::Checksums extended(Content::Checksums sums, std::string_view bytes) {
  return {crc32c(vfs::as_bytes(bytes), sums.crc32c), crc64nvme(vfs::as_bytes(bytes), sums.crc64)};
}

}  // namespace

Content::Content() : block_(test::pattern(kBlock)), of_block_(extended({}, block_)) {}

Content::Checksums Content::checksums(std::uint64_t size) const {
  const std::lock_guard lock(mutex_);
  if (const auto found = known_.find(size); found != known_.end()) return found->second;
  Checksums sums;
  for (std::uint64_t i = 0; i < size / kBlock; ++i) {
    sums.crc32c = crc_combine(kCrc32cPolynomial, sums.crc32c, of_block_.crc32c, kBlock);
    sums.crc64 = crc_combine(kCrc64NvmePolynomial, sums.crc64, of_block_.crc64, kBlock);
  }
  sums = extended(sums, std::string_view(block_).substr(0, size % kBlock));
  known_.emplace(size, sums);
  return sums;
}

std::uint64_t size_in_name(std::string_view path) {
  constexpr std::string_view kEncoded = "%2D";
  if (const std::size_t at = path.rfind(kEncoded); at != path.npos) {
    return number(path.substr(at + kEncoded.size()));
  }
  return number(path.substr(path.rfind('-') + 1));
}

Answer object_answer(const Request& request, std::uint64_t size) {
  Answer answer{.counted = request.method == "HEAD" ? "HEAD" : "GET",
                .headers = "Last-Modified: Thu, 12 Feb 2026 00:00:00 GMT\r\n",
                .object = Slice{0, size - 1}};
  if (request.range.empty()) return answer;
  Slice& slice = *answer.object;
  const std::size_t dash = request.range.find('-');
  slice.first = number(request.range.substr(0, dash));
  const std::string_view end = request.range.substr(dash + 1);
  if (!end.empty()) slice.last = std::min(number(end), size - 1);
  answer.status = "206 Partial Content";
  answer.headers += "Content-Range: bytes " + std::to_string(slice.first) + "-" +
                    std::to_string(slice.last) + "/" + std::to_string(size) + "\r\n";
  return answer;
}

ListEntry list_entry(std::uint64_t index) {
  char name[64];
  std::snprintf(name, sizeof name, "data/train/shard-%08llu.bin",
                static_cast<unsigned long long>(index));
  return {name, index * 977 % 1'000'003};
}

}  // namespace cairn::bench
