// The limit: a bare libcurl program that moves the same bytes in the same parts, and nothing else.
// No signatures, no checksums, no retries.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace cairn::bench {

/// Keeps its handles and connections from call to call, as a program would.
class RawClient {
 public:
  /// `url` of the bucket; `ca_file` for https.
  RawClient(std::string url, std::string ca_file, int parallel);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  /// In parts: PUT URL/key?partNumber=…
  void put(const std::string& key, std::span<const std::byte> bytes, std::uint64_t part);
  /// In ranges.
  void get(const std::string& key, std::span<std::byte> bytes, std::uint64_t part);
  /// So many PUTs, GETs of one small object each, one after the other.
  void put_small(std::uint64_t count, std::span<const std::byte> bytes);
  void get_small(std::uint64_t count, const std::string& key, std::span<std::byte> bytes);
  /// Through all pages, parsed with pugixml. Returns the number of keys.
  std::uint64_t list();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cairn::bench
