// Azure Blob Storage, under the account name that all its emulators have.
// https://learn.microsoft.com/rest/api/storageservices/operations-on-blobs
#include <algorithm>

#include <fmt/format.h>

#include "tests/bench/sink/services.hpp"

namespace cairn::bench {
namespace {

constexpr std::string_view kAccount = "/devstoreaccount1/";
constexpr std::string_view kCommon =
    "x-ms-request-id: 5a1c2e3b-201e-0042-5f3e-9c4d8b000000\r\nx-ms-version: 2021-12-02\r\n";

/// A name of two parts, and as many elements as the service writes.
Answer list(const Request& request, std::uint64_t keys) {
  const std::uint64_t first = request.parameter("marker=", 0);
  const std::uint64_t end = std::min(first + request.parameter("maxresults=", 5000), keys);
  std::string body =
      "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults "
      "ServiceEndpoint=\"http://127.0.0.1/devstoreaccount1/\" ContainerName=\"bucket\"><Blobs>";
  for (std::uint64_t i = first; i < end; ++i) {
    const ListEntry entry = list_entry(i);
    body += fmt::format(
        "<Blob><Name>{}</Name><Properties><Creation-Time>Thu, 12 Feb 2026 20:12:48 GMT"
        "</Creation-Time><Last-Modified>Thu, 12 Feb 2026 20:12:48 GMT</Last-Modified>"
        "<Etag>0x8DE6A7D1F3C2B10</Etag><Content-Length>{}</Content-Length>"
        "<Content-Type>application/octet-stream</Content-Type><Content-Encoding />"
        "<Content-Language /><Content-CRC64 /><Content-MD5 /><Cache-Control />"
        "<Content-Disposition /><BlobType>BlockBlob</BlobType><AccessTier>Hot</AccessTier>"
        "<AccessTierInferred>true</AccessTierInferred><LeaseStatus>unlocked</LeaseStatus>"
        "<LeaseState>available</LeaseState><ServerEncrypted>true</ServerEncrypted></Properties>"
        "<Metadata><cairn_crc64>{:016x}-{}</cairn_crc64></Metadata><OrMetadata /></Blob>",
        entry.name, entry.size, 0xae8b14860a799888 + i, entry.size);
  }
  body += "</Blobs>";
  body += end < keys ? fmt::format("<NextMarker>{}</NextMarker>", end) : "<NextMarker />";
  return {.counted = "GET list",
          .headers = fmt::format("Content-Type: application/xml\r\n{}", kCommon),
          .body = body + "</EnumerationResults>"};
}

Answer object(const Request& request, const Content& content) {
  const std::uint64_t size = size_in_name(request.path());
  if (size == 0) {
    return {.counted = request.method == "HEAD" ? "HEAD" : "GET",
            .status = "404 The specified blob does not exist.",
            .headers = fmt::format("x-ms-error-code: BlobNotFound\r\n{}", kCommon)};
  }
  Answer answer = object_answer(request, size);
  answer.headers += fmt::format(
      "ETag: \"0x8DE6A7D1F3C2B10\"\r\nContent-Type: application/octet-stream\r\n"
      "x-ms-blob-type: BlockBlob\r\nx-ms-server-encrypted: true\r\n"
      "x-ms-meta-cairn_crc64: {:016x}-{}\r\n{}",
      content.checksums(size).crc64, size, kCommon);
  return answer;
}

}  // namespace

bool is_azure(const Request& request) {
  return request.target.starts_with(kAccount);
}

Answer answer_azure(const Request& request, const Content& content, std::uint64_t keys) {
  if (request.method == "PUT") {
    const char* name = "PUT";
    if (request.has("comp=block&")) name = "PUT part";
    if (request.has("comp=blocklist")) name = "PUT list of blocks";
    return {.counted = name,
            .status = "201 Created",
            .headers = fmt::format("ETag: \"0x8DE6A7D1F3C2B10\"\r\n"
                                   "Last-Modified: Thu, 12 Feb 2026 00:00:00 GMT\r\n"
                                   "x-ms-request-server-encrypted: true\r\n{}",
                                   kCommon)};
  }
  if (request.method == "GET" && request.has("comp=list")) return list(request, keys);
  if (request.method == "GET" || request.method == "HEAD") return object(request, content);
  return {.status = "501 Not Implemented", .headers = std::string(kCommon)};
}

}  // namespace cairn::bench
