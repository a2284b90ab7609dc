// Amazon S3.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
#include <algorithm>

#include <fmt/format.h>

#include "tests/bench/sink/services.hpp"
#include "vfs/crypto/encoding.hpp"

namespace cairn::bench {
namespace {

Answer list(const Request& request, std::uint64_t keys) {
  const std::uint64_t first = request.parameter("continuation-token=", 0);
  const std::uint64_t end = std::min(first + kListPage, keys);
  std::string body =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult "
      "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>bucket</Name>"
      "<EncodingType>url</EncodingType>";
  body += end < keys ? fmt::format(
                           "<IsTruncated>true</IsTruncated><NextContinuationToken>{}"
                           "</NextContinuationToken>",
                           end)
                     : "<IsTruncated>false</IsTruncated>";
  for (std::uint64_t i = first; i < end; ++i) {
    const ListEntry entry = list_entry(i);
    body += fmt::format(
        "<Contents><Key>{}</Key><LastModified>2026-02-12T20:12:48.000Z</LastModified>"
        "<ETag>&quot;9b2cf535f27731c974343645a3985328&quot;</ETag><Size>{}</Size>"
        "<StorageClass>STANDARD</StorageClass></Contents>",
        entry.name, entry.size);
  }
  return {.counted = "GET list",
          .headers = "Content-Type: application/xml\r\n",
          .body = body + "</ListBucketResult>"};
}

Answer object(const Request& request, const Content& content) {
  const std::string_view path = request.path();
  const std::uint64_t size = size_in_name(path);
  if (size == 0) {  // the bucket is there, an object without a size is not
    const bool bucket = path.find('/', 1) == path.npos;
    return {.counted = request.method == "HEAD" ? "HEAD" : "GET",
            .status = bucket ? "200 OK" : "404 Not Found"};
  }
  Answer answer = object_answer(request, size);
  answer.headers += fmt::format("ETag: \"pattern-{}\"\r\n", size);
  if (!request.range.empty()) return answer;  // S3 tells the checksum only with the whole
  answer.headers += fmt::format("x-amz-checksum-type: FULL_OBJECT\r\nx-amz-checksum-crc32c: {}\r\n",
                                vfs::crypto::base64_big_endian(content.checksums(size).crc32c));
  return answer;
}

}  // namespace

Answer answer_s3(const Request& request, const Content& content, std::uint64_t keys) {
  if (request.method == "PUT") {
    return {.counted = request.has("partNumber=") ? "PUT part" : "PUT",
            .headers = "ETag: \"d41d8cd98f00b204e9800998ecf8427e\"\r\n"};
  }
  if (request.method == "POST" && request.has("uploads")) {
    return {.counted = "POST create",
            .body =
                "<InitiateMultipartUploadResult><UploadId>u</UploadId>"
                "</InitiateMultipartUploadResult>"};
  }
  if (request.method == "POST" && request.has("uploadId=")) {
    return {.counted = "POST complete",
            .body =
                "<CompleteMultipartUploadResult><ETag>\"e-1\"</ETag>"
                "</CompleteMultipartUploadResult>"};
  }
  if (request.method == "GET" && request.has("list-type=2")) return list(request, keys);
  if (request.method == "GET" || request.method == "HEAD") return object(request, content);
  if (request.method == "DELETE") return {.counted = "DELETE", .status = "204 No Content"};
  return {.status = "501 Not Implemented"};
}

}  // namespace cairn::bench
