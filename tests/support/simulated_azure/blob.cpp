#include "tests/support/simulated_azure/blob.hpp"

#include <algorithm>
#include <array>

#include "tests/support/simulated/digests.hpp"
#include "tests/support/simulated_azure/errors.hpp"

namespace cairn::test::sim::azure {
namespace {

constexpr std::array<std::string_view, 5> kContent{
    "Content-Type", "Content-Encoding", "Content-Language", "Content-Disposition", "Cache-Control"};

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

std::string_view unquoted(std::string_view etag) {
  if (etag.size() < 2 || etag.front() != '"' || etag.back() != '"') return etag;
  return etag.substr(1, etag.size() - 2);
}

/// A date that is no date is refused, not passed over.
std::optional<TimePoint> date_of(const Incoming& request, const std::string& header) {
  if (!request.has(header)) return {};
  const auto time = read_http_date(request.header(header));
  if (!time) throw Refusal("InvalidHeaderValue");
  return time;
}

TimePoint whole_seconds(TimePoint time) {
  return std::chrono::floor<std::chrono::seconds>(time);
}

[[noreturn]] void not_modified() {
  Refusal refusal("ConditionNotMet");
  refusal.status = 304;
  throw refusal;
}

/// "*": there is one; else its etag.
bool matches(const std::string& given, const Blob* blob) {
  return blob != nullptr && (given == "*" || same_etag(given, blob->etag));
}

void check_if_none_match(const Incoming& request, const Blob* blob, Access access) {
  if (!request.has("if-none-match")) return;
  const std::string given = request.header("if-none-match");
  const bool any = given == "*";
  // "GET with If-None-Match: * is an unsatisfiable condition": 400.
  if (any && access == Access::read) throw Refusal("UnsatisfiableCondition");
  if (!matches(given, blob)) return;
  if (access == Access::read) not_modified();
  throw Refusal(any ? "BlobAlreadyExists" : "ConditionNotMet");
}

}  // namespace

void describe(const Incoming& request, Blob& blob) {
  for (const std::string_view name : kContent) {
    for (const char* prefix : {"x-ms-blob-", "x-ms-"}) {
      const std::string header = prefix + lower(name);
      if (request.has(header)) blob.content[std::string(name)] = request.header(header);
    }
  }
  for (const char* name : {"x-ms-blob-content-md5", "x-ms-content-md5"}) {
    if (request.has(name)) blob.md5 = request.header(name);
  }
}

/// https://learn.microsoft.com/rest/api/storageservices/setting-and-retrieving-properties-and-metadata-for-blob-resources
/// Names follow the rules for C# identifiers; 8 KiB are the limit for names and values together.
std::map<std::string, std::string> metadata_of(const Incoming& request) {
  constexpr std::string_view kPrefix = "x-ms-meta-";
  std::map<std::string, std::string> metadata;
  std::size_t size = 0;
  for (const auto& [header, value] : request.headers) {
    if (!header.starts_with(kPrefix)) continue;
    const std::string name = header.substr(kPrefix.size());
    if (name.empty()) throw Refusal("EmptyMetadataKey");
    if (!is_identifier(name)) throw Refusal("InvalidMetadata");
    size += name.size() + value.size();
    metadata[name] = value;
  }
  if (size > 8192) throw Refusal("MetadataTooLarge");
  return metadata;
}

/// Pages "Put Blob" and "Put Block": "If both Content-MD5 and x-ms-content-crc64 are present, the
/// request fails with a 400."
void check_body(const Incoming& request, bool knows_crc64) {
  const bool has_crc64 = request.has("x-ms-content-crc64");
  const bool has_md5 = request.has("content-md5");
  if (has_crc64 && !knows_crc64) throw Refusal("FeatureNotSupported");
  if (has_crc64 && has_md5) throw Refusal("InvalidHeaderValue");
  if (has_md5 && request.header("content-md5") != base64(md5(request.body))) {
    throw Refusal("Md5Mismatch");
  }
  if (has_crc64 && request.header("x-ms-content-crc64") != crc64(request.body)) {
    throw Refusal("Crc64Mismatch");
  }
}

void answer_digests(const Incoming& request, Reply& reply) {
  if (request.has("content-md5")) {
    reply.set("Content-MD5", base64(md5(request.body)));
  } else {
    reply.set("x-ms-content-crc64", crc64(request.body));
  }
}

/// https://learn.microsoft.com/rest/api/storageservices/specifying-conditional-headers-for-blob-service-operations
/// Reads: 304 or 412; writes: 412, and 409 BlobAlreadyExists for If-None-Match: *.
void check_conditions(const Incoming& request, const Blob* blob, Access access) {
  if (request.has("if-match") && request.has("if-none-match")) {
    throw Refusal("MultipleConditionHeadersNotSupported");
  }
  if (request.has("if-match") && !matches(request.header("if-match"), blob)) {
    throw Refusal("ConditionNotMet");
  }
  check_if_none_match(request, blob, access);
  const auto modified_since = date_of(request, "if-modified-since");
  const auto unmodified_since = date_of(request, "if-unmodified-since");
  if (blob == nullptr) return;
  const TimePoint modified = whole_seconds(blob->modified);
  if (unmodified_since && modified > *unmodified_since) throw Refusal("ConditionNotMet");
  if (!modified_since || modified > *modified_since) return;
  // "If-None-Match || If-Modified-Since": one that holds is enough.
  if (request.has("if-none-match")) return;
  if (access == Access::read) not_modified();
  throw Refusal("ConditionNotMet");
}

bool meets_source_conditions(const Incoming& request, const Blob& source) {
  const TimePoint modified = whole_seconds(source.modified);
  const auto modified_since = date_of(request, "x-ms-source-if-modified-since");
  const auto unmodified_since = date_of(request, "x-ms-source-if-unmodified-since");
  if (modified_since && modified <= *modified_since) return false;
  if (unmodified_since && modified > *unmodified_since) return false;
  if (request.has("x-ms-source-if-none-match") &&
      matches(request.header("x-ms-source-if-none-match"), &source)) {
    return false;
  }
  return !request.has("x-ms-source-if-match") ||
         matches(request.header("x-ms-source-if-match"), &source);
}

std::string_view name_of(CopyStatus status) {
  constexpr std::array<std::string_view, 4> kNames{"pending", "success", "aborted", "failed"};
  return kNames.at(static_cast<std::size_t>(status));
}

/// "For versions 2011-08-18 and newer, the ETag can be specified in quotes."
bool same_etag(std::string_view given, std::string_view etag) {
  return unquoted(given) == unquoted(etag);
}

}  // namespace cairn::test::sim::azure
