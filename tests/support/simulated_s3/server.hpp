// A model of S3 in memory: what one bucket answers to a request, and what it holds afterwards. The
// rules are those of AWS's API reference; where MinIO or versitygw differ and it matters, a switch.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/simulated_s3/authorize.hpp"
#include "tests/support/simulated_s3/message.hpp"

namespace cairn::test::sim {

using TimePoint = std::chrono::system_clock::time_point;

struct StoredChecksum {
  std::string algorithm{};  ///< "crc32c"
  std::string value{};      ///< base64; of the whole object
};

struct Object {
  std::shared_ptr<const std::string> bytes{};
  std::string etag{};  ///< with its quotes
  std::string content_type{"binary/octet-stream"};
  std::map<std::string, std::string> metadata{};  ///< "x-amz-meta-…"
  std::optional<StoredChecksum> checksum{};
  TimePoint modified{};
};

struct Part {
  std::string bytes{};
  std::string etag{};
  std::string checksum{};  ///< of the upload's algorithm; empty: none was sent
};

struct Upload {
  std::string key{};
  Object described{};       ///< type and metadata
  std::string algorithm{};  ///< empty: none was chosen
  std::map<int, Part> parts{};
  std::string completed{};  ///< the etag, once it is
};

struct ServerOptions {
  std::string bucket{"bkt"};
  std::string region{"us-east-1"};
  std::size_t min_part{1};        ///< S3's is 5 MiB
  std::size_t page{1000};         ///< keys per answer, at most
  bool completes_twice{true};     ///< AWS and versitygw answer 200 again, MinIO 404
  bool moved_permanently{false};  ///< a wrong region: 301, else 400
  Account account{};
};

/// Not thread-safe.
class Server {
 public:
  explicit Server(ServerOptions options) : options_(std::move(options)) {}

  [[nodiscard]] Reply handle(const vfs::net::Request& request, TimePoint now);

  /// Another client writes.
  void write_foreign(const std::string& key, std::string_view bytes);
  void put(const std::string& key, Object object);
  /// Now or at some time before.
  [[nodiscard]] bool has_held(const std::string& key, const std::string& bytes) const;
  [[nodiscard]] const Object* find(const std::string& key) const;
  [[nodiscard]] const std::map<std::string, Object>& objects() const { return objects_; }
  [[nodiscard]] std::size_t open_uploads() const;
  [[nodiscard]] int foreign_writes(const std::string& key) const;
  /// What no client may send: unknown parameters and headers, unsigned requests, missing checksums.
  [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }
  [[nodiscard]] ServerOptions& options() { return options_; }

 private:
  [[nodiscard]] Reply route(const Incoming& request);
  [[nodiscard]] Reply on_bucket(const Incoming& request);
  [[nodiscard]] Reply on_object(const Incoming& request);
  [[nodiscard]] std::optional<Reply> refuse_unknown(const Incoming& request);
  [[nodiscard]] std::optional<Reply> refuse_condition(const Incoming& request) const;
  [[nodiscard]] Reply wrong_region(const Incoming& request, Reply refusal) const;
  // objects.cpp
  [[nodiscard]] Reply get(const Incoming& request) const;
  [[nodiscard]] Reply put_object(const Incoming& request);
  [[nodiscard]] Reply copy_object(const Incoming& request);
  [[nodiscard]] const Object* copy_source(const Incoming& request, Reply& refusal) const;
  // bucket.cpp
  [[nodiscard]] Reply list(const Incoming& request) const;
  [[nodiscard]] Reply remove_many(const Incoming& request);
  // multipart.cpp
  [[nodiscard]] Reply create_upload(const Incoming& request);
  [[nodiscard]] Reply put_part(const Incoming& request);
  [[nodiscard]] Reply copy_part(const Incoming& request);
  [[nodiscard]] Reply complete(const Incoming& request);
  [[nodiscard]] std::optional<Reply> assemble(const Incoming& request, Upload& upload,
                                              std::string& bytes, std::string& digests) const;
  [[nodiscard]] Upload* open_upload(const Incoming& request);

  ServerOptions options_;
  TimePoint now_{};
  std::map<std::string, Object> objects_;
  std::map<std::string, Upload> uploads_;
  std::map<std::string, int> foreign_;
  std::set<std::pair<std::string, std::string>> history_;  // key and MD5
  std::vector<std::string> violations_;
  int next_upload_{1};
};

/// An object as S3 keeps it after one PUT: the etag is the MD5, and a CRC64NVME is computed if the
/// client sent no checksum (S3 since 2024-12).
[[nodiscard]] Object make_object(std::string_view bytes, TimePoint modified,
                                 const std::string& algorithm = "crc64nvme");
/// Content type and x-amz-meta-* of a request.
void describe(const Incoming& request, Object& object);
/// The algorithm of the x-amz-checksum-… header; empty if there is none.
[[nodiscard]] std::string sent_algorithm(const Incoming& request);
/// The checksum and Content-MD5 headers fit the body, or the error.
[[nodiscard]] std::optional<Reply> refuse_damaged(const Incoming& request);

}  // namespace cairn::test::sim
