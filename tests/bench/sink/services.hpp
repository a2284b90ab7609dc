// The services that the sink speaks for: just enough of each that a client can't tell. None keeps
// anything. An object's name ends in its size, "object-4096", and its content is the block of
// `Content`, again and again.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "tests/bench/sink/http.hpp"

namespace cairn::bench {

inline constexpr std::uint64_t kListPage = 1000;

/// What all objects consist of.
class Content {
 public:
  Content();

  struct Checksums {
    std::uint32_t crc32c{0};
    std::uint64_t crc64{0};
  };
  /// Of an object of that size.
  [[nodiscard]] Checksums checksums(std::uint64_t size) const;
  /// From there to the end of the block.
  [[nodiscard]] std::string_view from(std::uint64_t offset) const {
    return std::string_view(block_).substr(offset % block_.size());
  }

 private:
  std::string block_;
  Checksums of_block_{};
  mutable std::mutex mutex_;
  mutable std::map<std::uint64_t, Checksums> known_;  // guarded by mutex_
};

/// That an object's name ends in: "/bucket/object-4096", also with "%2D". 0: in none.
[[nodiscard]] std::uint64_t size_in_name(std::string_view path);

/// The answer to a GET or HEAD of an object of that size: Content-Range if a range was asked for.
[[nodiscard]] Answer object_answer(const Request& request, std::uint64_t size);

/// What a list holds in its n-th place: the same sizes for all services.
struct ListEntry {
  std::string name{};
  std::uint64_t size{0};
};
[[nodiscard]] ListEntry list_entry(std::uint64_t index);

/// `keys`: how many a list has.
[[nodiscard]] Answer answer_s3(const Request& request, const Content& content, std::uint64_t keys);
[[nodiscard]] Answer answer_gcs(const Request& request, const Content& content, std::uint64_t keys);
[[nodiscard]] Answer answer_azure(const Request& request, const Content& content,
                                  std::uint64_t keys);

/// Whose requests these are: by their targets, or by how they are authorized.
[[nodiscard]] bool is_gcs(const Request& request);
[[nodiscard]] bool is_azure(const Request& request);

}  // namespace cairn::bench
