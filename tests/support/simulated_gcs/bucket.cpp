#include "tests/support/simulated_gcs/bucket.hpp"

#include <algorithm>
#include <chrono>

#include "tests/support/simulated/digests.hpp"

namespace cairn::test::sim::gcs {

std::string Object::crc32c() const {
  return checksum("crc32c", *bytes);
}

std::string Object::md5_hash() const {
  return base64(md5(*bytes));
}

/// Opaque, changes with the generation and the metageneration.
std::string Object::etag() const {
  return base64("etag-" + std::to_string(generation) + "-" + std::to_string(metageneration));
}

/// Without an MD5 the ETag is based on something else, and starts with a '-' in practice.
std::string Object::xml_etag() const {
  return has_md5 ? "\"" + hex(md5(*bytes)) + "\"" : "\"-" + etag() + "\"";
}

Verdict judge(const Conditions& conditions, const Object* object) {
  const std::int64_t generation = object == nullptr ? 0 : object->generation;
  const std::int64_t metageneration = object == nullptr ? 0 : object->metageneration;
  if (conditions.generation && *conditions.generation != generation) return Verdict::failed;
  if (conditions.metageneration && *conditions.metageneration != metageneration) {
    return Verdict::failed;
  }
  const bool needs_object =
      conditions.metageneration || conditions.not_generation || conditions.not_metageneration;
  if (needs_object && object == nullptr) return Verdict::failed;
  if (conditions.not_generation == generation && conditions.not_generation) {
    return Verdict::not_modified;
  }
  if (conditions.not_metageneration == metageneration && conditions.not_metageneration) {
    return Verdict::not_modified;
  }
  return Verdict::holds;
}

const Object* Bucket::find(const std::string& name) const {
  const auto found = objects_.find(name);
  return found == objects_.end() ? nullptr : &found->second;
}

/// Generations are microseconds since 1970, and each is greater than all before it.
const Object& Bucket::put(const std::string& name, Object object, TimePoint now) {
  using std::chrono::duration_cast;
  const auto micros = duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count();
  last_generation_ = std::max<std::int64_t>(micros, last_generation_ + 1);
  object.generation = last_generation_;
  object.metageneration = 1;
  object.created = now;
  object.updated = now;
  history_.emplace(name, md5(*object.bytes));
  return objects_[name] = std::move(object);
}

const Object& Bucket::describe(const std::string& name, Description description, TimePoint now) {
  Object& object = objects_.at(name);
  object.described = std::move(description);
  object.updated = now;
  ++object.metageneration;
  return object;
}

bool Bucket::has_held(const std::string& name, std::string_view bytes) const {
  return history_.contains({name, md5(bytes)});
}

Object make_object(std::string_view bytes, Description description) {
  return {.bytes = std::make_shared<const std::string>(bytes), .described = std::move(description)};
}

}  // namespace cairn::test::sim::gcs
