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

#include "tests/support/simulated/service.hpp"
#include "tests/support/simulated_s3/authorize.hpp"
#include "tests/support/simulated_s3/message.hpp"

namespace cairn::test::sim::s3 {

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
class Server final : public Service {
 public:
  explicit Server(ServerOptions options) : options_(std::move(options)) {}

  [[nodiscard]] Reply handle(const vfs::net::Request& request, TimePoint now) override;

  // service.cpp
  void add(const std::string& key, std::string_view bytes, const std::string& checksum) override;
  void write_foreign(const std::string& key, std::string_view bytes) override;
  [[nodiscard]] int foreign_writes(const std::string& key) const override;
  [[nodiscard]] std::optional<std::string> content(const std::string& key) const override;
  [[nodiscard]] bool has_held(const std::string& key, const std::string& bytes) const override;
  [[nodiscard]] std::string etag(const std::string& key) const override;
  [[nodiscard]] std::vector<std::string> keys() const override;
  [[nodiscard]] std::size_t leftovers() const override;
  [[nodiscard]] const std::vector<std::string>& violations() const override { return violations_; }
  [[nodiscard]] std::vector<std::string> checksums() const override;
  [[nodiscard]] bool knows(Fault fault, const vfs::net::Request& request,
                           const vfs::net::Exchange& exchange) const override;
  [[nodiscard]] Reply refusal(Fault fault) const override;
  void change(Fault fault) override;
  [[nodiscard]] Reply whole(const vfs::net::Request& request) const override;
  void remove_version(Reply& reply) const override;
  [[nodiscard]] bool excuses_leftover(const vfs::net::Request& request) const override;

  [[nodiscard]] ServerOptions& options() { return options_; }

 private:
  [[nodiscard]] Reply route(const Call& request);
  [[nodiscard]] Reply on_bucket(const Call& request);
  [[nodiscard]] Reply on_object(const Call& request);
  [[nodiscard]] std::optional<Reply> refuse_unknown(const Call& request);
  [[nodiscard]] std::optional<Reply> refuse_condition(const Call& request) const;
  [[nodiscard]] Reply wrong_region(const Call& request, Reply refusal) const;
  [[nodiscard]] const Object* find(const std::string& key) const;
  void put(const std::string& key, Object object);
  // objects.cpp
  [[nodiscard]] Reply get(const Call& request) const;
  [[nodiscard]] Reply put_object(const Call& request);
  [[nodiscard]] Reply copy_object(const Call& request);
  [[nodiscard]] const Object* copy_source(const Call& request, Reply& refusal) const;
  // bucket.cpp
  [[nodiscard]] Reply list(const Call& request) const;
  [[nodiscard]] Reply remove_many(const Call& request);
  // multipart.cpp
  [[nodiscard]] Reply create_upload(const Call& request);
  [[nodiscard]] Reply put_part(const Call& request);
  [[nodiscard]] Reply copy_part(const Call& request);
  [[nodiscard]] Reply complete(const Call& request);
  [[nodiscard]] std::optional<Reply> assemble(const Call& request, Upload& upload,
                                              std::string& bytes, std::string& digests) const;
  [[nodiscard]] Upload* open_upload(const Call& request);

  ServerOptions options_;
  TimePoint now_{std::chrono::sys_days{std::chrono::year{2026} / 2 / 12}};
  std::map<std::string, Object> objects_;
  std::map<std::string, Upload> uploads_;
  std::map<std::string, int> foreign_;
  std::set<std::pair<std::string, std::string>> history_;  // key and MD5
  std::vector<std::string> violations_;
  int next_upload_{1};
  bool refuses_entry_{false};  // of the next DeleteObjects, one key
};

/// An object as S3 keeps it after one PUT: the etag is the MD5, and a CRC64NVME is computed if the
/// client sent no checksum (S3 since 2024-12).
[[nodiscard]] Object make_object(std::string_view bytes, TimePoint modified,
                                 const std::string& algorithm = "crc64nvme");
/// Content type and x-amz-meta-* of a request.
void describe(const Call& request, Object& object);
/// The algorithm of the x-amz-checksum-… header; empty if there is none.
[[nodiscard]] std::string sent_algorithm(const Call& request);
/// The checksum and Content-MD5 headers fit the body, or the error.
[[nodiscard]] std::optional<Reply> refuse_damaged(const Call& request);

}  // namespace cairn::test::sim::s3
