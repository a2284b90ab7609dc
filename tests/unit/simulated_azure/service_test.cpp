// What the simulated network asks of the service.
#include "tests/support/catch.hpp"
#include "tests/unit/simulated_azure/client.hpp"

namespace {

using namespace cairn;
using namespace cairn::test;
using sim::Fault;

TEST_CASE("errors of a moment have the service's words", "[simulated_azure]") {
  const azure::Server server({});

  CHECK(server.refusal(Fault::status_503).status == 503);
  CHECK(code_of(server.refusal(Fault::status_503)) == "ServerBusy");
  CHECK(server.refusal(Fault::request_timeout).status == 500);
  CHECK(code_of(server.refusal(Fault::request_timeout)) == "OperationTimedOut");
  CHECK(code_of(server.refusal(Fault::status_500)) == "InternalError");
  CHECK(server.refusal(Fault::status_429).status == 429);
}

TEST_CASE("only answers with documents can be garbled", "[simulated_azure]") {
  const azure::Server server({});
  const vfs::net::Request list{.url = "http://h/a/c?restype=container&comp=list"};
  const vfs::net::Request blob{.method = "PUT", .url = "http://h/a/c/b"};
  const vfs::net::Request batch{.method = "POST", .url = "http://h/a/?comp=batch"};

  CHECK(server.knows(Fault::garbage, list, {}));
  CHECK_FALSE(server.knows(Fault::garbage, blob, {}));
  CHECK(server.knows(Fault::entry_refused, batch, {}));
  CHECK_FALSE(server.knows(Fault::ok_error, list, {}));
  CHECK_FALSE(server.knows(Fault::moved_301, list, {}));
}

TEST_CASE("what is there before, and what others write, is a blob", "[simulated_azure]") {
  Client client;
  client.server().add("file", "stones", "crc64nvme");
  client.server().write_foreign("file", "gravel");

  const auto seen = client.ask({.target = "/bkt/file"});

  CHECK(seen.body == "gravel");
  CHECK(header_of(seen, "x-ms-meta-cairn_op") == "0123456789abcdef0123456789abcdef");
  CHECK(header_of(seen, "ETag") == client.server().etag("file"));
  CHECK(client.server().has_held("file", "stones"));
  CHECK(client.server().foreign_writes("file") == 1);
  CHECK(client.server().keys() == std::vector<std::string>{"file"});
}

TEST_CASE("an answer can be whole where a range was asked for", "[simulated_azure]") {
  Client client;
  client.put("file", "stones");
  vfs::net::Request request{.url = "http://127.0.0.1:10000/cairnsim/bkt/file"};

  const auto reply = client.server().whole(request);

  CHECK(reply.status == 200);
  CHECK(reply.body == "stones");
  CHECK(header_of(reply, "ETag") == client.server().etag("file"));
}

}  // namespace
