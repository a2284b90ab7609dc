// Put Block, Put Block List, Get Block List; ids are base64 of "AAAA", "BBBB" and so on.
#include "tests/support/catch.hpp"
#include "tests/support/simulated/digests.hpp"
#include "tests/unit/simulated_azure/client.hpp"

namespace {

using namespace cairn;
using namespace cairn::test;

const std::string kA = "QUFBQQ==";
const std::string kB = "QkJCQg==";
const std::string kC = "Q0NDQw==";

std::string escaped(const std::string& id) {
  return sim::encode(id);
}

sim::Reply put_block(Client& client, const std::string& id, const std::string& bytes) {
  return client.ask(
      {.method = "PUT", .target = "/bkt/file?comp=block&blockid=" + escaped(id), .body = bytes});
}

sim::Reply commit(Client& client, const std::string& blocks,
                  std::vector<std::pair<std::string, std::string>> headers = {}) {
  return client.ask(
      {.method = "PUT",
       .target = "/bkt/file?comp=blocklist",
       .headers = std::move(headers),
       .body = "<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>" + blocks + "</BlockList>"});
}

std::string latest(const std::string& id) {
  return "<Latest>" + id + "</Latest>";
}

TEST_CASE("blocks become a blob in the order of the list", "[simulated_azure]") {
  Client client;
  CHECK(put_block(client, kB, "nes").status == 201);
  CHECK(put_block(client, kA, "sto").status == 201);
  CHECK(client.ask({.target = "/bkt/file"}).status == 404);

  const auto reply = commit(client, latest(kA) + latest(kB),
                            {{"x-ms-meta-cairn_op", "0123"}, {"x-ms-blob-content-type", "text/x"}});

  CHECK(reply.status == 201);
  CHECK(header_of(reply, "ETag") == client.server().etag("file"));
  const auto seen = client.ask({.target = "/bkt/file"});
  CHECK(seen.body == "stones");
  CHECK(header_of(seen, "x-ms-meta-cairn_op") == "0123");
  CHECK(header_of(seen, "Content-Type") == "text/x");
  CHECK(header_of(seen, "Content-MD5").empty());  // nobody has said it
}

TEST_CASE("a block is verified by CRC64 and answered with it", "[simulated_azure]") {
  Client client;
  Ask ask{.method = "PUT",
          .target = "/bkt/file?comp=block&blockid=" + escaped(kA),
          .headers = {{"x-ms-content-crc64", "IF9kBBqEqCs="}},
          .body = "stones"};

  const auto good = client.ask(ask);
  ask.body = "stonez";
  const auto bad = client.ask(ask);

  CHECK(good.status == 201);
  CHECK(header_of(good, "x-ms-content-crc64") == "IF9kBBqEqCs=");
  CHECK(code_of(bad) == "Crc64Mismatch");
}

TEST_CASE("a commit takes all blocks that are not in it away", "[simulated_azure]") {
  Client client;
  static_cast<void>(put_block(client, kA, "stones"));
  static_cast<void>(put_block(client, kB, "other"));
  CHECK(client.server().uncommitted_blocks("file") == 2);

  static_cast<void>(commit(client, latest(kA)));

  CHECK(client.server().uncommitted_blocks("file") == 0);
  CHECK(code_of(commit(client, latest(kB))) == "InvalidBlockList");
}

TEST_CASE("a commit that comes again finds its blocks among the committed", "[simulated_azure]") {
  Client client;
  static_cast<void>(put_block(client, kA, "stones"));
  static_cast<void>(commit(client, latest(kA)));
  const std::string etag = client.server().etag("file");

  CHECK(commit(client, "<Uncommitted>" + kA + "</Uncommitted>").status == 400);
  CHECK(commit(client, latest(kA)).status == 201);
  CHECK(client.content("file") == "stones");
  CHECK(client.server().etag("file") != etag);
}

TEST_CASE("Latest, Committed and Uncommitted look where they say", "[simulated_azure]") {
  Client client;
  static_cast<void>(put_block(client, kA, "old"));
  static_cast<void>(commit(client, latest(kA)));
  static_cast<void>(put_block(client, kA, "new"));

  static_cast<void>(commit(client, "<Committed>" + kA + "</Committed><Uncommitted>" + kA +
                                       "</Uncommitted>" + latest(kA)));

  CHECK(client.content("file") == "oldnewnew");
}

TEST_CASE("a list with an unknown block is 400 InvalidBlockList", "[simulated_azure]") {
  Client client;
  static_cast<void>(put_block(client, kA, "stones"));

  const auto reply = commit(client, latest(kA) + latest(kC));

  CHECK(reply.status == 400);
  CHECK(code_of(reply) == "InvalidBlockList");
  CHECK(client.ask({.target = "/bkt/file"}).status == 404);
}

TEST_CASE("ids of a blob have one length", "[simulated_azure]") {
  Client client;
  static_cast<void>(put_block(client, kA, "stones"));

  const auto reply = put_block(client, "QUFBQUFBQUE=", "more");

  CHECK(reply.status == 400);
  CHECK(code_of(reply) == "InvalidBlobOrBlock");
}

TEST_CASE("an id must be base64 of at most 64 bytes", "[simulated_azure]") {
  Client client;

  CHECK(code_of(put_block(client, "not base64", "x")) == "InvalidBlockId");
  CHECK(code_of(put_block(client, sim::base64(std::string(65, 'a')), "x")) == "InvalidBlockId");
  CHECK(put_block(client, sim::base64(std::string(64, 'a')), "x").status == 201);
}

TEST_CASE("writers of one blob share its uncommitted blocks", "[simulated_azure]") {
  Client client;
  static_cast<void>(put_block(client, kA, "mine"));
  static_cast<void>(put_block(client, kA, "theirs"));

  static_cast<void>(commit(client, latest(kA)));

  CHECK(client.content("file") == "theirs");
}

TEST_CASE("Put Blob throws uncommitted blocks away", "[simulated_azure]") {
  Client client;
  static_cast<void>(put_block(client, kA, "stones"));

  client.put("file", "gravel");

  CHECK(client.server().uncommitted_blocks("file") == 0);
  CHECK(client.content("file") == "gravel");
}

TEST_CASE("a commit that must be the first is 409 BlobAlreadyExists", "[simulated_azure]") {
  Client client;
  client.put("file", "gravel");
  static_cast<void>(put_block(client, kA, "stones"));

  const auto first = commit(client, latest(kA), {{"If-None-Match", "*"}});
  const auto pinned = commit(client, latest(kA), {{"If-Match", "\"0x8D0\""}});

  CHECK(first.status == 409);
  CHECK(code_of(first) == "BlobAlreadyExists");
  CHECK(pinned.status == 412);
  CHECK(client.content("file") == "gravel");
}

TEST_CASE("a list of no blocks makes an empty blob", "[simulated_azure]") {
  Client client;

  CHECK(commit(client, "").status == 201);
  CHECK(client.content("file").empty());
}

TEST_CASE("a list with too many blocks, or that is no XML, is refused", "[simulated_azure]") {
  Client client({.max_blocks = 2});
  static_cast<void>(put_block(client, kA, "stones"));

  CHECK(code_of(commit(client, latest(kA) + latest(kA) + latest(kA))) == "BlockListTooLong");
  CHECK(code_of(commit(client, "<Newest>" + kA + "</Newest>")) == "InvalidXmlDocument");
}

TEST_CASE("Get Block List shows both lists with sizes", "[simulated_azure]") {
  Client client;
  static_cast<void>(put_block(client, kA, "stones"));
  static_cast<void>(commit(client, latest(kA)));
  static_cast<void>(put_block(client, kB, "more"));

  const auto all = client.ask({.target = "/bkt/file?comp=blocklist&blocklisttype=all"});
  const auto committed = client.ask({.target = "/bkt/file?comp=blocklist"});

  CHECK(elements(all.body, "Name") == std::vector<std::string>{kA, kB});
  CHECK(elements(all.body, "Size") == std::vector<std::string>{"6", "4"});
  CHECK(elements(committed.body, "Name") == std::vector<std::string>{kA});
  CHECK(header_of(committed, "x-ms-blob-content-length") == "6");
}

}  // namespace
