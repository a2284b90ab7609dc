// What is common to the calls: parameters, preconditions, names, hashes.
#include <charconv>

#include <nlohmann/json.hpp>

#include "tests/support/simulated/digests.hpp"
#include "tests/support/simulated_gcs/errors.hpp"
#include "tests/support/simulated_gcs/state.hpp"
#include "tests/support/simulated_gcs/text.hpp"

namespace cairn::test::sim::gcs {
namespace {

bool is_utf8(const std::string& text) {
  const nlohmann::json value(text);
  try {
    static_cast<void>(value.dump());
  } catch (const nlohmann::json::type_error&) {
    return false;
  }
  return true;
}

std::optional<std::int64_t> read_optional(const Call& call, const std::string& name) {
  if (!call.http.asks(name)) return {};
  return read_number(name, call.http.parameter(name));
}

}  // namespace

void violate(State& state, const std::string& what) {
  state.violations.push_back(what);
  throw invalid(what);
}

std::int64_t read_number(const std::string& name, const std::string& text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end || value < 0) {
    throw Refused{.status = 400,
                  .reason = "invalidParameter",
                  .code = "InvalidArgument",
                  .message = "Invalid value '" + text + "' for " + name,
                  .location_type = "parameter",
                  .location = name};
  }
  return value;
}

/// Of a condition and its opposite only one may be there (API reference of objects: insert).
Conditions read_conditions(const Call& call, const std::string& prefix) {
  Conditions conditions{
      .generation = read_optional(call, prefix + "GenerationMatch"),
      .not_generation = read_optional(call, prefix + "GenerationNotMatch"),
      .metageneration = read_optional(call, prefix + "MetagenerationMatch"),
      .not_metageneration = read_optional(call, prefix + "MetagenerationNotMatch")};
  if ((conditions.generation && conditions.not_generation) ||
      (conditions.metageneration && conditions.not_metageneration)) {
    throw invalid("…Match and …NotMatch are mutually exclusive");
  }
  return conditions;
}

Conditions read_xml_conditions(const Call& call) {
  Conditions conditions;
  const auto read = [&](const std::string& name) -> std::optional<std::int64_t> {
    if (!call.http.has(name)) return {};
    return read_number(name, call.http.header(name));
  };
  conditions.generation = read("x-goog-if-generation-match");
  conditions.metageneration = read("x-goog-if-metageneration-match");
  return conditions;
}

void require(const Conditions& conditions, const Object* object) {
  const Verdict verdict = judge(conditions, object);
  if (verdict == Verdict::failed) throw condition_not_met();
  if (verdict == Verdict::not_modified) throw not_modified();
}

/// The bucket has no object versioning: only the live generation can be asked for.
const Object& require_object(const State& state, const std::string& name,
                             const std::string& generation) {
  const Object* object = state.bucket.find(name);
  const bool other = object != nullptr && !generation.empty() &&
                     read_number("generation", generation) != object->generation;
  if (object == nullptr || other) throw no_such_object(state.options.bucket, name);
  return *object;
}

/// https://cloud.google.com/storage/docs/objects#naming
void check_name(State& state, const std::string& name) {
  if (name.empty()) throw invalid("Required parameter: name");
  if (name.size() > 1024) throw invalid("The maximum object length is 1024 characters");
  const bool reserved =
      name == "." || name == ".." || name.starts_with(".well-known/acme-challenge/");
  if (reserved || name.find_first_of("\r\n") != name.npos || !is_utf8(name)) {
    violate(state, "a name that no object can have: " + name);
  }
}

void check_hash(const std::string& name, const std::string& given, const std::string& actual) {
  if (given.empty() || given == actual) return;
  throw Refused{.status = 400,
                .reason = "invalid",
                .code = "BadDigest",
                .message = "Provided " + name + " \"" + given + "\" doesn't match calculated " +
                           name + " \"" + actual + "\"."};
}

/// "x-goog-hash: crc32c=n03x6A==,md5=Ojk9c3dhfxgoKVVHYwFbHQ=="
/// (https://cloud.google.com/storage/docs/xml-api/reference-headers#xgooghash).
void check_hashes(const Call& call, std::string_view bytes) {
  const auto check = [&](const std::string& kind, const std::string& value) {
    if (kind != "crc32c" && kind != "md5") throw invalid("an unknown hash: " + kind);
    check_hash(kind, value, kind == "md5" ? base64(md5(bytes)) : checksum("crc32c", bytes));
  };
  if (call.http.has("content-md5")) check("md5", call.http.header("content-md5"));
  if (!call.http.has("x-goog-hash")) return;
  for (const std::string& entry : split(call.http.header("x-goog-hash"), ',')) {
    const std::string_view text = trim(entry);
    const std::size_t equals = text.find('=');
    if (equals == text.npos) throw invalid("x-goog-hash: " + entry);
    check(std::string(text.substr(0, equals)), std::string(text.substr(equals + 1)));
  }
}

}  // namespace cairn::test::sim::gcs
