// Google Cloud Storage: the JSON API, and the XML API's multipart uploads. As nothing is kept, what
// has to be known later travels in what clients send back: an object's size in its generation, a
// part's CRC32C and size in its ETag.
// https://cloud.google.com/storage/docs/json_api/v1, …/docs/multipart-uploads
#include <algorithm>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include "tests/bench/sink/services.hpp"
#include "vfs/crypto/crc.hpp"
#include "vfs/crypto/encoding.hpp"

namespace cairn::bench {
namespace {

constexpr std::string_view kJson = "Content-Type: application/json; charset=UTF-8\r\n";

std::uint64_t generation_of(std::uint64_t size) {
  return size + 1;  // none is 0
}

/// Indented, as Google does it. Only the fields that are asked for.
std::string resource(std::string_view name, std::uint64_t size, std::string_view indent,
                     std::string_view more) {
  return fmt::format(
      "{{\n{0}  {1}\"name\": \"{2}\",\n{0}  \"generation\": \"{3}\",\n"
      "{0}  \"contentType\": \"application/octet-stream\",\n{0}  \"storageClass\": \"STANDARD\",\n"
      "{0}  \"size\": \"{4}\",\n{0}  \"updated\": \"2026-02-12T20:12:48.177Z\"\n{0}}}",
      indent, more, name, generation_of(size), size);
}

Answer list(const Request& request, std::uint64_t keys) {
  const std::uint64_t first = request.parameter("pageToken=", 0);
  const std::uint64_t end = std::min(first + request.parameter("maxResults=", kListPage), keys);
  std::string body = "{\n  \"kind\": \"storage#objects\",\n";
  if (end < keys) body += fmt::format("  \"nextPageToken\": \"{}\",\n", end);
  body += "  \"items\": [\n    ";
  for (std::uint64_t i = first; i < end; ++i) {
    const ListEntry entry = list_entry(i);
    body += resource(entry.name, entry.size, "    ", "\"crc32c\": \"yZRlqg==\",\n      ");
    body += i + 1 < end ? ",\n    " : "\n";
  }
  body += "  ]\n}\n";
  if (request.has("prettyPrint=false")) {  // no text here has a blank
    std::erase_if(body, [](char c) { return c == ' ' || c == '\n'; });
  }
  return {.counted = "GET list", .headers = std::string(kJson), .body = std::move(body)};
}

Answer object(const Request& request, const Content& content) {
  const std::string_view path = request.path();
  const std::uint64_t size = size_in_name(path);
  if (size == 0) {
    return {.counted = "GET",
            .status = "404 Not Found",
            .headers = std::string(kJson),
            .body = "{\"error\": {\"code\": 404, \"errors\": [{\"reason\": \"notFound\"}]}}"};
  }
  if (!request.has("alt=media")) {
    return {.counted = "GET resource",
            .headers = std::string(kJson),
            .body = resource(path.substr(path.rfind('/') + 1), size, "",
                             "\"kind\": \"storage#object\",\n  ")};
  }
  Answer answer = object_answer(request, size);
  answer.headers += fmt::format(
      "ETag: \"CL/pattern\"\r\nContent-Type: application/octet-stream\r\nx-goog-generation: {}\r\n"
      "x-goog-stored-content-length: {}\r\nx-goog-storage-class: STANDARD\r\nx-goog-hash: "
      "crc32c={}\r\n",
      generation_of(size), size, vfs::crypto::base64_big_endian(content.checksums(size).crc32c));
  return answer;
}

/// multipart/related (RFC 2387): a resource, and then the object. Like the service it takes lines
/// that end in '\n' alone, which some clients send.
Answer insert(const Request& request) {
  const std::string_view type = request.header("content-type:");
  constexpr std::string_view kBoundary = "boundary=";
  std::string_view boundary = type.substr(std::min(type.find(kBoundary), type.size()));
  boundary.remove_prefix(std::min(kBoundary.size(), boundary.size()));
  const char quote = boundary.empty() ? '\0' : boundary.front();
  if (quote == '"' || quote == '\'') boundary = boundary.substr(1, boundary.find(quote, 1) - 1);
  const bool bare = request.body.find("\r\n\r\n") == std::string::npos;
  const std::string_view blank_line = bare ? "\n\n" : "\r\n\r\n";
  const std::size_t resource_at = request.body.find(blank_line);
  const std::size_t object_at = request.body.find(blank_line, resource_at + 1);
  // "\r\n--BOUNDARY--\r\n", or "\n--BOUNDARY--"
  const std::size_t end = boundary.size() + (bare ? 5 : 8);
  const std::size_t around = object_at + blank_line.size() + end;
  if (resource_at == std::string::npos || object_at == std::string::npos ||
      around > request.length) {
    return {.status = "400 Bad Request"};
  }
  const std::uint64_t size = request.length - around;
  return {.counted = "POST insert",
          .headers = std::string(kJson),
          .body = resource("object", size, "", "\"kind\": \"storage#object\",\n  "),
          .received = size};
}

/// https://cloud.google.com/storage/docs/resumable-uploads
Answer create_session(const Request& request) {
  return {.counted = "POST session",
          .headers = fmt::format("Location: http://{}{}?uploadType=resumable&upload_id=u\r\n",
                                 request.header("host:"), request.path())};
}

/// "Content-Range: bytes 0-1023/4096". All that is sent is kept; the last chunk makes the object.
Answer put_chunk(const Request& request) {
  std::string_view range = request.header("content-range:");
  range.remove_prefix(std::min(range.find(' ') + 1, range.size()));
  const std::uint64_t last = number(range.substr(std::min(range.find('-') + 1, range.size())));
  const std::uint64_t size = number(range.substr(std::min(range.find('/') + 1, range.size())));
  Answer answer{.counted = "PUT chunk",
                .received = request.method == "PUT" ? 0 : request.length};  // else it is counted
  if (last + 1 != size) {
    answer.status = "308 Resume Incomplete";
    answer.headers = fmt::format("Range: bytes=0-{}\r\n", last);
    return answer;
  }
  answer.headers = kJson;
  answer.body = resource("object", size, "", "\"kind\": \"storage#object\",\n  ");
  return answer;
}

Answer compose(const Request& request) {
  constexpr std::string_view kGeneration = "\"ifGenerationMatch\":\"";
  std::uint64_t size = 0;
  for (std::size_t at = request.body.find(kGeneration); at != std::string::npos;
       at = request.body.find(kGeneration, at + 1)) {
    size += number(std::string_view(request.body).substr(at + kGeneration.size())) - 1;
  }
  return {.counted = "POST compose",
          .headers = std::string(kJson),
          .body = resource("object", size, "", "\"kind\": \"storage#object\",\n  ")};
}

/// The etag tells what it is: "CRC32C in hexadecimal, a dash, the size".
Answer put_part(const Request& request) {
  const std::string_view hash = request.header("x-goog-hash:");
  const auto bytes = vfs::crypto::parse_base64(hash.substr(std::min<std::size_t>(7, hash.size())));
  return {.counted = "PUT part",
          .headers = fmt::format("ETag: \"{}-{}\"\r\n", bytes ? vfs::crypto::hex(*bytes) : "0",
                                 request.length)};
}

Answer complete(const Request& request) {
  constexpr std::string_view kEtag = "<ETag>&quot;";
  std::uint32_t crc = 0;
  std::uint64_t size = 0;
  for (std::size_t at = request.body.find(kEtag); at != std::string::npos;
       at = request.body.find(kEtag, at + 1)) {
    const char* text = request.body.c_str() + at + kEtag.size();
    char* dash = nullptr;
    const auto part = static_cast<std::uint32_t>(std::strtoul(text, &dash, 16));
    const std::uint64_t length = number(dash + 1);
    crc = vfs::crypto::crc_combine(vfs::crypto::kCrc32cPolynomial, crc, part, length);
    size += length;
  }
  return {.counted = "POST complete",
          .headers = fmt::format("x-goog-generation: {}\r\nx-goog-hash: crc32c={}\r\n",
                                 generation_of(size), vfs::crypto::base64_big_endian(crc)),
          .body =
              "<CompleteMultipartUploadResult><ETag>\"e-1\"</ETag>"
              "</CompleteMultipartUploadResult>"};
}

}  // namespace

bool is_gcs(const Request& request) {
  return request.target.starts_with("/storage/v1/") ||
         request.target.starts_with("/upload/storage/v1/") ||
         request.target.starts_with("/download/storage/v1/") ||
         request.header("authorization:").starts_with("Bearer ");
}

Answer answer_gcs(const Request& request, const Content& content, std::uint64_t keys) {
  if (request.method == "POST" && request.has("uploadType=multipart")) return insert(request);
  if (request.has("upload_id=")) return put_chunk(request);
  if (request.method == "POST" && request.has("uploadType=resumable")) {
    return create_session(request);
  }
  if (request.method == "POST" && request.has("/compose?")) return compose(request);
  if (request.method == "POST" && request.path().ends_with("/compose")) return compose(request);
  if (request.method == "PUT" && request.has("partNumber=")) return put_part(request);
  if (request.method == "POST" && request.has("uploadId=")) return complete(request);
  if (request.method == "POST" && request.has("uploads")) return answer_s3(request, content, keys);
  if (request.method == "DELETE") return {.counted = "DELETE", .status = "204 No Content"};
  if (!request.has("/storage/v1/")) return answer_s3(request, content, keys);  // the XML API
  if (request.method != "GET") return {.status = "501 Not Implemented"};
  return request.path().ends_with("/o") ? list(request, keys) : object(request, content);
}

}  // namespace cairn::bench
