// A blob, file or directory as the service keeps it, and what requests say of one.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/simulated/message.hpp"
#include "tests/support/simulated_azure/text.hpp"

namespace cairn::test::sim::azure {

enum class CopyStatus { pending, success, aborted, failed };

struct Copy {
  std::string id{};
  std::string source{};  ///< the URL, without its query
  CopyStatus status{CopyStatus::success};
  std::string description{};
  int polls{0};  ///< looks that it is still pending for
  std::shared_ptr<const std::string> bytes{};
  std::string source_key{};
  std::string source_etag{};
};

struct Blob {
  std::shared_ptr<const std::string> bytes{std::make_shared<const std::string>()};
  std::string etag{};  ///< with its quotes
  /// Content-Type, Content-Encoding, Content-Language, Content-Disposition, Cache-Control.
  std::map<std::string, std::string> content{{"Content-Type", "application/octet-stream"}};
  std::string md5{};                                          ///< base64; empty: nobody has said it
  std::map<std::string, std::string> metadata{};              ///< without "x-ms-meta-"
  std::vector<std::pair<std::string, std::string>> blocks{};  ///< committed: id, bytes
  std::optional<Copy> copy{};
  std::string lease{};
  int snapshots{0};
  bool directory{false};
  std::map<std::uint64_t, std::string> appended{};  ///< dfs: not flushed yet
  TimePoint modified{};
  TimePoint created{};
};

/// x-ms-blob-content-… (dfs: x-ms-content-…), in whose absence Content-Type counts for Put Blob.
void describe(const Incoming& request, Blob& blob);
/// x-ms-meta-…; throws Refusal.
[[nodiscard]] std::map<std::string, std::string> metadata_of(const Incoming& request);
/// Content-MD5 and x-ms-content-crc64 fit the body; throws Refusal.
void check_body(const Incoming& request, bool knows_crc64);
/// The same headers for the answer.
void answer_digests(const Incoming& request, Reply& reply);

enum class Access { read, write };
/// If-Match, If-None-Match, If-Modified-Since, If-Unmodified-Since; throws Refusal. Null: no blob.
void check_conditions(const Incoming& request, const Blob* blob, Access access);
/// x-ms-source-if-…; false: not met.
[[nodiscard]] bool meets_source_conditions(const Incoming& request, const Blob& source);

[[nodiscard]] std::string_view name_of(CopyStatus status);
[[nodiscard]] bool same_etag(std::string_view given, std::string_view etag);

}  // namespace cairn::test::sim::azure
