#include "vfs/error.hpp"
#include "tests/support/catch.hpp"

using namespace cairn::vfs;

TEST_CASE("an error names operation, URL, cause and what the server said", "[error]") {
  const Error error(ErrorCode::permission_denied, {.operation = "read",
                                                   .url = "s3://b/k",
                                                   .message = "Access Denied",
                                                   .hint = "check the bucket policy",
                                                   .http_status = 403,
                                                   .service_code = "AccessDenied",
                                                   .request_id = "4Z1",
                                                   .attempts = 1});

  CHECK(std::string(error.what()) ==
        "cannot read s3://b/k: permission denied (403 AccessDenied, request 4Z1): Access Denied\n"
        "hint: check the bucket policy");
  CHECK(error.code() == ErrorCode::permission_denied);
  CHECK(error.details().http_status == 403);
}

TEST_CASE("an error leaves out what is not known", "[error]") {
  CHECK(
      std::string(Error(ErrorCode::not_found, {.operation = "read", .url = "file:///a"}).what()) ==
      "cannot read file:///a: not found");
  CHECK(std::string(Error(ErrorCode::timeout, {.operation = "write", .attempts = 3}).what()) ==
        "cannot write: timed out (after 3 attempts)");
}
