// ListObjectsV2 and DeleteObjects.
#include <algorithm>
#include <charconv>
#include <utility>

#include <pugixml.hpp>

#include "tests/support/simulated/digests.hpp"
#include "tests/support/simulated_s3/server.hpp"

namespace cairn::test::sim::s3 {
namespace {

/// Encoded as MinIO does it: a space becomes '+'.
std::string listed(const std::string& key, bool url_encoded) {
  if (!url_encoded) return escape_xml(key);
  std::string text = encode(key, "/ ");
  std::ranges::replace(text, ' ', '+');
  return text;
}

std::string iso_date(TimePoint time) {
  const auto seconds = std::chrono::time_point_cast<std::chrono::seconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(seconds - day);
  const auto two = [](auto value) {
    const std::string text = std::to_string(value);
    return text.size() < 2 ? "0" + text : text;
  };
  return std::to_string(static_cast<int>(date.year())) + "-" +
         two(static_cast<unsigned>(date.month())) + "-" + two(static_cast<unsigned>(date.day())) +
         "T" + two(clock.hours().count()) + ":" + two(clock.minutes().count()) + ":" +
         two(clock.seconds().count()) + ".000Z";
}

std::string contents(const std::string& key, const Object& object, bool url_encoded) {
  return "<Contents><Key>" + listed(key, url_encoded) + "</Key><LastModified>" +
         iso_date(object.modified) + "</LastModified><ETag>" + escape_xml(object.etag) +
         "</ETag><Size>" + std::to_string(object.bytes->size()) + "</Size></Contents>";
}

}  // namespace

/// Keys in the order of their bytes; a common prefix counts as one key. The token is opaque: here
/// the last name of the page, in hexadecimal.
Reply Server::list(const Call& request) const {
  const std::string prefix = request.parameter("prefix");
  const std::string delimiter = request.parameter("delimiter");
  const bool url_encoded = request.parameter("encoding-type") == "url";
  std::size_t limit = 1000;
  const std::string max_keys = request.parameter("max-keys");
  std::from_chars(max_keys.data(), max_keys.data() + max_keys.size(), limit);
  limit = std::min(limit, options_.page);

  std::string after = request.parameter("start-after");
  if (request.asks("continuation-token")) {
    const auto token = from_hex(request.parameter("continuation-token"));
    if (!token || token->empty()) return error_reply(400, "InvalidArgument");
    after = *token;
  }
  std::string entries;
  std::string last;
  std::size_t count = 0;
  bool truncated = false;
  for (const auto& [key, object] : objects_) {
    if (!key.starts_with(prefix)) continue;
    const std::size_t end = delimiter.empty() ? key.npos : key.find(delimiter, prefix.size());
    const std::string name = end == key.npos ? key : key.substr(0, end + delimiter.size());
    if (name <= after || name == last) continue;
    if (count == limit) {
      truncated = true;
      break;
    }
    entries += end == key.npos ? contents(key, object, url_encoded)
                               : "<CommonPrefixes><Prefix>" + listed(name, url_encoded) +
                                     "</Prefix></CommonPrefixes>";
    last = name;
    ++count;
  }
  std::string body = "<?xml version=\"1.0\"?><ListBucketResult>";
  if (url_encoded) body += "<EncodingType>url</EncodingType>";
  body += std::string("<IsTruncated>") + (truncated ? "true" : "false") + "</IsTruncated>";
  if (truncated) body += "<NextContinuationToken>" + hex(last) + "</NextContinuationToken>";
  return {.headers = {{"Content-Type", "application/xml"}},
          .body = body + entries + "</ListBucketResult>"};
}

/// At most 1000 keys, and the body must carry a checksum or Content-MD5.
Reply Server::remove_many(const Call& request) {
  if (sent_algorithm(request).empty() && !request.has("content-md5")) {
    violations_.emplace_back("DeleteObjects without a checksum");
    return error_reply(400, "InvalidRequest");
  }
  if (auto refusal = refuse_damaged(request)) return *std::move(refusal);
  pugi::xml_document document;
  if (!document.load_buffer(request.body.data(), request.body.size())) {
    return error_reply(400, "MalformedXML");
  }
  const pugi::xml_node root = document.child("Delete");
  const bool quiet = root.child("Quiet").text().as_bool();
  std::string entries;
  std::size_t count = 0;
  for (const pugi::xml_node& node : root.children("Object")) {
    const std::string key = node.child("Key").text().get();
    ++count;
    if (std::exchange(refuses_entry_, false)) {
      entries += "<Error><Key>" + escape_xml(key) + "</Key><Code>InternalError</Code></Error>";
      continue;
    }
    objects_.erase(key);
    if (!quiet) entries += "<Deleted><Key>" + escape_xml(key) + "</Key></Deleted>";
  }
  if (count == 0 || count > 1000) return error_reply(400, "MalformedXML");
  return {.body = "<DeleteResult>" + entries + "</DeleteResult>"};
}

}  // namespace cairn::test::sim::s3
