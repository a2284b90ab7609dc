#include "vfs/net/batch.hpp"

#include <span>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"

namespace {

using namespace cairn::vfs;

net::Response response(std::string_view type, std::string body) {
  net::Response response{.status = 202, .body = std::move(body)};
  response.headers.set("Content-Type", type);
  return response;
}

std::string text_of(const Body& body) {
  std::string text(body.size(), '\0');
  BodyReader(body).read(std::as_writable_bytes(std::span(text)));
  return text;
}

// learn.microsoft.com/rest/api/storageservices/blob-batch, "Sample response"
constexpr const char* kType = "multipart/mixed; boundary=batchresponse_66925647";
const std::string kAnswers =
    "--batchresponse_66925647\r\nContent-Type: application/http\r\nContent-ID: 0\r\n\r\n"
    "HTTP/1.1 202 Accepted\r\nx-ms-delete-type-permanent: true\r\nx-ms-request-id: 778f\r\n\r\n"
    "--batchresponse_66925647\r\nContent-Type: application/http\r\nContent-ID: 2\r\n\r\n"
    "HTTP/1.1 404 The specified blob does not exist.\r\nx-ms-error-code: BlobNotFound\r\n"
    "Content-Length: 18\r\n\r\n<Error>why</Error>\r\n"
    "--batchresponse_66925647--\r\n";

TEST_CASE("a batch is written as Microsoft's page shows it", "[net][batch]") {
  net::Request one{.method = "DELETE", .url = "https://a.blob.core.windows.net/c/blob0"};
  one.headers.set("x-ms-date", "Thu, 14 Jun 2018 16:46:54 GMT");
  one.headers.set("authorization", "SharedKey a:G4jjBXA7LI/RnWKIOQ8i9xH4p76pAQ+4Fs4R1VxasaE=");

  const net::Request batch = net::batch_request(std::vector{one}, {.boundary = "batch_357de4f7"});

  CHECK(batch.method == "POST");
  CHECK(batch.headers.get("content-type") == "multipart/mixed; boundary=batch_357de4f7");
  CHECK(text_of(batch.body) ==
        "--batch_357de4f7\r\n"
        "Content-Type: application/http\r\n"
        "Content-Transfer-Encoding: binary\r\n"
        "Content-ID: 0\r\n"
        "\r\n"
        "DELETE /c/blob0 HTTP/1.1\r\n"
        "x-ms-date: Thu, 14 Jun 2018 16:46:54 GMT\r\n"
        "authorization: SharedKey a:G4jjBXA7LI/RnWKIOQ8i9xH4p76pAQ+4Fs4R1VxasaE=\r\n"
        "Content-Length: 0\r\n"
        "\r\n"
        "--batch_357de4f7--\r\n");
}

TEST_CASE("a batch is written as Google's page shows it", "[net][batch]") {
  // cloud.google.com/storage/docs/batch: an id in brackets, and an empty line behind each request
  const net::Request batch = net::batch_request(
      std::vector{net::Request{.method = "DELETE", .url = "/storage/v1/b/bkt/o/a"}},
      {.boundary = "b", .bracketed_ids = true, .empty_line = true});
  CHECK(text_of(batch.body) ==
        "--b\r\n"
        "Content-Type: application/http\r\n"
        "Content-Transfer-Encoding: binary\r\n"
        "Content-ID: <0>\r\n"
        "\r\n"
        "DELETE /storage/v1/b/bkt/o/a HTTP/1.1\r\n"
        "Content-Length: 0\r\n"
        "\r\n"
        "\r\n"
        "--b--\r\n");
}

TEST_CASE("the answers of a batch are told apart", "[net][batch]") {
  const auto answers = net::parse_batch(response(kType, kAnswers));
  REQUIRE(answers);
  REQUIRE(answers->size() == 2);
  CHECK((*answers)[0].id == 0);
  CHECK((*answers)[0].status == 202);
  CHECK((*answers)[0].headers.get("x-ms-request-id") == "778f");
  CHECK((*answers)[1].id == 2);
  CHECK((*answers)[1].status == 404);
  CHECK((*answers)[1].headers.get("x-ms-error-code") == "BlobNotFound");
  CHECK((*answers)[1].body == "<Error>why</Error>");
}

TEST_CASE("the numbers of Google's answers have words around them", "[net][batch]") {
  // cloud.google.com/storage/docs/batch, "Example batch response"
  const auto answers = net::parse_batch(
      response("multipart/mixed; boundary=\"batch_pK7\"",
               "--batch_pK7\r\nContent-Type: application/http\r\n"
               "Content-ID: <response-b29c5de2-0db4-490b-b421-6a51b598bd22+1>\r\n\r\n"
               "HTTP/1.1 204 No Content\r\n\r\n\r\n--batch_pK7--\r\n"));
  REQUIRE(answers);
  REQUIRE(answers->size() == 1);
  CHECK(answers->front().id == 1);
  CHECK(answers->front().status == 204);
}

TEST_CASE("a batch that was cut short, or is none, is no batch of answers", "[net][batch]") {
  CHECK_FALSE(net::parse_batch(response(kType, kAnswers.substr(0, kAnswers.size() - 30))));
  CHECK_FALSE(net::parse_batch(response("text/html", kAnswers)));
  CHECK_FALSE(net::parse_batch(response("multipart/mixed", kAnswers)));
}

TEST_CASE("each request gets its answer, whatever their order", "[net][batch]") {
  const auto ordered = net::in_order({{.id = 2, .status = 204},
                                      {.id = 0, .status = 404},
                                      {.id = 0, .status = 500},
                                      {.id = 9, .status = 204}},
                                     3);
  REQUIRE(ordered.size() == 3);
  CHECK(ordered[0].status == 404);
  CHECK(ordered[1].status == 0);
  CHECK(ordered[2].status == 204);
}

}  // namespace
