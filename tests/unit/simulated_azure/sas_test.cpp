// Shared access signatures, made by azure-storage-blob 12.31.1 (the older of a user delegation by
// 12.19.0) and azure-storage-file-datalake 12.26.1 for the account of the model.
#include "tests/support/catch.hpp"
#include "tests/unit/simulated_azure/client.hpp"

namespace {

using namespace cairn;
using namespace cairn::test;

const std::string kBlob =
    "st=2026-02-12T00%3A00%3A00Z&se=2026-02-12T01%3A00%3A00Z&sp=r&sv=2020-12-06&sr=b"
    "&sig=p/Y2jUYTGizh/E9JXDbtHjraBj4icErKCAeTU4hbd9c%3D";
const std::string kContainer =
    "se=2026-02-12T01%3A00%3A00Z&sp=rcwdl&spr=https%2Chttp&sv=2023-11-03&sr=c"
    "&sig=LmiPbWRjsezoTcJU7Hn/uVjWzSa%2BKYoKxeAWey3zT80%3D";
const std::string kAccount =
    "se=2026-02-12T01%3A00%3A00Z&sp=rwdlc&sv=2026-10-06&ss=b&srt=sco"
    "&sig=/jFDD6zv8bKOeCOk0kMCosw51fLdViIxu4I2UYOyKpw%3D";
const std::string kDirectory =
    "se=2026-02-12T01%3A00%3A00Z&sp=r&sv=2025-07-05&sr=d&sdd=2"
    "&sig=JfgjKLaNW5fOLwyl4Bk/hYL/SLc6PsTN2y1HLMneDsA%3D";

Ask put(const std::string& target) {
  return {.method = "PUT",
          .target = target,
          .headers = {{"x-ms-blob-type", "BlockBlob"}},
          .body = "stones"};
}

TEST_CASE("a SAS of a blob opens it, and no other", "[simulated_azure]") {
  Client client;
  client.put("dir/a%20file", "stones");
  client.put("dir/another", "stones");

  CHECK(client.send({.target = "/bkt/dir/a%20file?" + kBlob}).body == "stones");
  const auto reply = client.send({.target = "/bkt/dir/another?" + kBlob});
  CHECK(reply.status == 403);
  CHECK(code_of(reply) == "AuthenticationFailed");
  CHECK(reply.body.find("Signature did not match.") != std::string::npos);
}

TEST_CASE("a SAS needs neither a version nor a date beside it", "[simulated_azure]") {
  Client client;
  client.put("dir/a%20file", "stones");

  const auto reply =
      client.send_raw({.url = "http://127.0.0.1:10000/cairnsim/bkt/dir/a%20file?" + kBlob});

  CHECK(reply.body == "stones");
  CHECK(client.server().violations().empty());
}

TEST_CASE("a SAS that has expired says when", "[simulated_azure]") {
  Client client;
  client.wait(std::chrono::hours{1});

  const auto reply = client.send({.target = "/bkt/dir/a%20file?" + kBlob});

  CHECK(reply.status == 403);
  CHECK(code_of(reply) == "AuthenticationFailed");
  CHECK(reply.body.find("Signature not valid in the specified time frame: Start [Thu, 12 Feb 2026 "
                        "00:00:00 GMT] - Expiry [Thu, 12 Feb 2026 01:00:00 GMT] - Current [Thu, 12 "
                        "Feb 2026 01:00:00 GMT]") != std::string::npos);
}

TEST_CASE("a SAS is no good before its start", "[simulated_azure]") {
  Client client;
  client.wait(std::chrono::seconds{-1});

  CHECK(code_of(client.send({.target = "/bkt/dir/a%20file?" + kBlob})) == "AuthenticationFailed");
}

TEST_CASE("a SAS of a container reads, lists, writes and deletes", "[simulated_azure]") {
  Client client;

  CHECK(client.send(put("/bkt/file?" + kContainer)).status == 201);
  CHECK(client.send({.target = "/bkt/file?" + kContainer}).body == "stones");
  CHECK(client.send({.target = "/bkt?restype=container&comp=list&" + kContainer}).status == 200);
  CHECK(client.send({.method = "DELETE", .target = "/bkt/file?" + kContainer}).status == 202);
}

TEST_CASE("a SAS of a container is no good for the account", "[simulated_azure]") {
  Client client;

  CHECK(client.send({.target = "/?comp=list&" + kContainer}).status == 403);
}

TEST_CASE("a SAS that may only read does not write", "[simulated_azure]") {
  Client client;

  const auto reply = client.send(put("/bkt/dir/a%20file?" + kBlob));

  CHECK(reply.status == 403);
  CHECK(code_of(reply) == "AuthorizationPermissionMismatch");
}

TEST_CASE("a SAS of an account opens all that its types name", "[simulated_azure]") {
  Client client;
  client.put("file", "stones");

  CHECK(client.send({.target = "/bkt/file?" + kAccount}).body == "stones");
  CHECK(client.send({.target = "/?comp=list&" + kAccount}).status == 200);
  CHECK(client.send({.target = "/?restype=account&comp=properties&" + kAccount}).status == 200);
}

TEST_CASE("a SAS that may only create writes over nothing", "[simulated_azure]") {
  Client client;
  client.put("there", "gravel");
  const std::string create =
      "?se=2026-02-12T01%3A00%3A00Z&sp=c&sv=2023-11-03&sr=c"
      "&sig=G47w8o4CZcPxjqL7Hgkq2l21kJOaMSBDflAb4db5LKc%3D";

  CHECK(client.send(put("/bkt/new" + create)).status == 201);
  CHECK(code_of(client.send(put("/bkt/there" + create))) == "AuthorizationPermissionMismatch");
  CHECK(client.content("there") == "gravel");
}

TEST_CASE("a SAS of an account for objects does not list", "[simulated_azure]") {
  Client client;
  client.put("file", "stones");
  const std::string objects =
      "se=2026-02-12T01%3A00%3A00Z&sp=rl&sv=2026-10-06&ss=b&srt=o"
      "&sig=fTDJ4ciQ%2Ba%2BefPcqGgUs1wCen0/4BHP4T5SKOcZADLQ%3D";

  CHECK(client.send({.target = "/bkt/file?" + objects}).body == "stones");
  CHECK(code_of(client.send({.target = "/bkt?restype=container&comp=list&" + objects})) ==
        "AuthorizationResourceTypeMismatch");
}

TEST_CASE("what a SAS says cannot be changed", "[simulated_azure]") {
  Client client;
  client.put("dir/a%20file", "stones");
  std::string longer = kBlob;
  longer.replace(longer.find("T01%3A"), 6, "T02%3A");

  CHECK(code_of(client.send({.target = "/bkt/dir/a%20file?" + longer})) == "AuthenticationFailed");
}

TEST_CASE("a SAS of a user delegation is signed with its key", "[simulated_azure]") {
  Client client;
  client.put("file", "stones");
  const std::string delegation =
      "&skoid=00000000-0000-0000-0000-0000000000a1&sktid=00000000-0000-0000-0000-00000000c0de"
      "&skt=2026-02-12T00%3A00%3A00Z&ske=2026-02-13T00%3A00%3A00Z&sks=b&skv=2023-11-03";

  const auto newer =
      client.send({.target = "/bkt/file?se=2026-02-12T01%3A00%3A00Z&sp=r&sv=2026-04-06&sr=b" +
                             delegation + "&sig=QolzP/Xgyg2ZVamH78sfA1sLi0deQ80N9SmTf1MH9mM%3D"});
  const auto older =
      client.send({.target = "/bkt/file?se=2026-02-12T01%3A00%3A00Z&sp=r&sv="
                             "2023-11-03&sr=b" +
                             delegation + "&sig=oH53aK7KUH5KIl9egnvBFg80cEpM5o871hOGwPM7uY0%3D"});

  CHECK(newer.body == "stones");
  CHECK(older.body == "stones");
}

TEST_CASE("a key for user delegation is given to bearers of a token", "[simulated_azure]") {
  Client client({.account = {.tokens = {{"token", false}}}});
  Ask ask{.method = "POST",
          .target = "/?restype=service&comp=userdelegationkey",
          .headers = {{"Authorization", "Bearer token"},
                      {"x-ms-date", "Thu, 12 Feb 2026 00:00:00 GMT"},
                      {"Content-Type", "application/xml"}},
          .body =
              "<KeyInfo><Start>2026-02-12T00:00:00Z</Start><Expiry>2026-02-13T00:00:00Z"
              "</Expiry></KeyInfo>"};

  const auto given = client.send(ask);
  ask.headers.erase(ask.headers.begin());
  const auto refused = client.ask(ask);

  // HMAC-SHA256 of the model's own choice; OpenSSL's command line gives the same.
  CHECK(elements(given.body, "Value") ==
        std::vector<std::string>{"Yi3Vn/M3EJXyrdYMFiNNAxFvXt4iorpwaO12znVSjB8="});
  CHECK(elements(given.body, "SignedService") == std::vector<std::string>{"b"});
  CHECK(refused.status == 403);
}

TEST_CASE("a SAS of a directory opens what is below it", "[simulated_azure]") {
  Client client({.hierarchical = true});
  client.put("a/b/file", "stones");
  client.put("a/file", "stones");

  CHECK(client.send({.target = "/bkt/a/b/file?" + kDirectory}).body == "stones");
  CHECK(client.send({.target = "/bkt/a/file?" + kDirectory}).status == 403);
}

TEST_CASE("a SAS for https only is no good over http", "[simulated_azure]") {
  Client client;
  client.put("file", "stones");
  const std::string query =
      "/bkt/file?se=2026-02-12T01%3A00%3A00Z&sp=r&spr=https&sv=2023-11-03&sr=c"
      "&sig=8X8CQrO7I9Xv%2B5r66Fbp3yG0onJ3QXXW3P1RzIET3Ro%3D";

  CHECK(code_of(client.send({.target = query})) == "AuthorizationProtocolMismatch");
  CHECK(client.send_raw({.url = "https://127.0.0.1:10000/cairnsim" + query}).body == "stones");
}

TEST_CASE("an account without shared keys takes neither them nor what they signed",
          "[simulated_azure]") {
  Client client({.account = {.shared_key = false}});

  CHECK(code_of(client.send({.target = "/bkt/file?" + kContainer})) == "AuthorizationFailure");
  CHECK(code_of(client.ask({.target = "/bkt/file"})) == "AuthorizationFailure");
}

}  // namespace
