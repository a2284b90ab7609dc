// One bucket of Cloud Storage: objects with generations and metagenerations, and the preconditions
// that are judged on them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "tests/support/simulated/service.hpp"

namespace cairn::test::sim::gcs {

/// What a client says of an object beside its bytes.
struct Description {
  std::string content_type{"application/octet-stream"};
  std::string content_encoding{};
  std::string content_disposition{};
  std::string content_language{};
  std::string cache_control{};
  std::string storage_class{"STANDARD"};
  std::map<std::string, std::string> metadata{};
};

struct Object {
  std::shared_ptr<const std::string> bytes{};
  std::int64_t generation{0};
  std::int64_t metageneration{1};
  bool has_md5{true};  ///< composite objects and those of an XML multipart upload have none
  int components{0};   ///< of a composite object
  Description described{};
  TimePoint created{};
  TimePoint updated{};

  [[nodiscard]] std::string crc32c() const;    ///< base64
  [[nodiscard]] std::string md5_hash() const;  ///< base64
  [[nodiscard]] std::string etag() const;      ///< the JSON API's
  [[nodiscard]] std::string xml_etag() const;  ///< with its quotes: the MD5 where there is one
};

/// https://cloud.google.com/storage/docs/request-preconditions
struct Conditions {
  std::optional<std::int64_t> generation{};
  std::optional<std::int64_t> not_generation{};
  std::optional<std::int64_t> metageneration{};
  std::optional<std::int64_t> not_metageneration{};

  [[nodiscard]] bool any() const {
    return generation || not_generation || metageneration || not_metageneration;
  }
};

enum class Verdict {
  holds,
  failed,       ///< 412
  not_modified  ///< a …NotMatch that matches: 304 for a read
};

/// A generation of 0 stands for "there is no live object"; a …NotMatch and a metageneration need
/// one (API reference of objects: insert, the query parameters).
[[nodiscard]] Verdict judge(const Conditions& conditions, const Object* object);

class Bucket {
 public:
  [[nodiscard]] const Object* find(const std::string& name) const;
  /// The object becomes the live one, with a generation of its own.
  const Object& put(const std::string& name, Object object, TimePoint now);
  /// The description changes, the generation stays, the metageneration rises.
  const Object& describe(const std::string& name, Description description, TimePoint now);
  void remove(const std::string& name) { objects_.erase(name); }
  [[nodiscard]] const std::map<std::string, Object>& objects() const { return objects_; }
  [[nodiscard]] bool has_held(const std::string& name, std::string_view bytes) const;

 private:
  std::map<std::string, Object> objects_;
  std::set<std::pair<std::string, std::string>> history_;  // name and MD5
  std::int64_t last_generation_{0};
};

[[nodiscard]] Object make_object(std::string_view bytes, Description description = {});

}  // namespace cairn::test::sim::gcs
