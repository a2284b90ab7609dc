#include <string>

#include "tests/support/catch.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/error_of.hpp"
#include "tests/unit/vfs/azure/container.hpp"

namespace {

using namespace cairn;
using namespace cairn::vfs;
using namespace cairn::test::azure;
using test::Answer;
using test::code_of;
using test::error_of;

TEST_CASE("blocks are named in their order, and described when they are committed",
          "[azure][upload]") {
  Container c({done(), done(), done()});
  const auto upload =
      c.store->start_upload("k", {.content_type = "text/plain", .metadata = {{"run", "7"}}});
  CHECK(c.count() == 0);

  upload->put_part(1, Body("6789"), {});
  upload->put_part(0, Body("12345"), {});
  const WriteResult result = upload->commit({});

  CHECK(result.size == 9);
  CHECK(result.etag == "\"0x2\"");
  const std::string block = "PUT /k?comp=block&blockid=";
  REQUIRE(c.line(0).starts_with(block));
  REQUIRE(c.line(1).starts_with(block));
  CHECK(c.line(2) == "PUT /k?comp=blocklist");
  const auto list = c.request(2);
  CHECK(list.headers.get("x-ms-blob-content-type") == "text/plain");
  CHECK(list.headers.get("x-ms-meta-run") == "7");
  CHECK(list.headers.find("x-ms-meta-cairn_op"));
  // of the whole, in the order of the parts: the CRC64 of "123456789"
  CHECK(list.headers.get("x-ms-meta-cairn_crc64") == "ae8b14860a799888-9");
  const std::string xml = text_of(list.body);
  const auto id_of = [&](std::size_t index) {  // its only odd character is the '=' at the end
    std::string id = c.line(index).substr(block.size());
    for (std::size_t at = id.find("%3D"); at != id.npos; at = id.find("%3D"))
      id.replace(at, 3, "=");
    return id;
  };
  CHECK(contains(xml, "<Latest>" + id_of(1) + "</Latest><Latest>" + id_of(0) + "</Latest>"));
}

TEST_CASE("an upload without bytes makes an empty blob", "[azure][upload]") {
  Container c({done()});

  CHECK(c.store->start_upload("k", {})->commit({}).size == 0);
  CHECK(contains(text_of(c.request(0).body), "<BlockList></BlockList>"));
}

TEST_CASE("a part that was never sent is missed", "[azure][upload]") {
  Container c({done()});
  const auto upload = c.store->start_upload("k", {});
  upload->put_part(1, Body("x"), {});

  CHECK(code_of([&] { upload->commit({}); }) == ErrorCode::invalid_argument);
  CHECK(c.count() == 1);
}

TEST_CASE("giving up sends nothing", "[azure][upload]") {
  Container c({done()});
  {
    const auto upload = c.store->start_upload("k", {});
    upload->put_part(0, Body("x"), {});
    upload->abort();
  }
  CHECK(c.count() == 1);
}

TEST_CASE("metadata that can't be sent is refused before the first part", "[azure][upload]") {
  Container c(std::vector<Answer>{});

  CHECK(code_of([&] {
          static_cast<void>(c.store->start_upload("k", {.metadata = {{"run-id", "7"}}}));
        }) == ErrorCode::invalid_argument);
}

/// Block lists are answered in turn; a HEAD tells the token of the first list, or of another.
struct Commits {
  std::vector<Answer> answers;
  std::string other_token{};

  test::ScriptedTransport::Handler handler() {
    auto token = std::make_shared<std::string>();
    auto next = std::make_shared<std::size_t>(0);
    return [=, answers = answers, other = other_token](const net::Request& request) -> Answer {
      if (request.method == "HEAD") {
        return head({{"x-ms-meta-cairn_op", other.empty() ? *token : other}}, "1");
      }
      if (!request.url.ends_with("comp=blocklist")) return done();
      if (token->empty()) *token = request.headers.get("x-ms-meta-cairn_op");
      return answers.at((*next)++);
    };
  }
};

TEST_CASE("a commit whose answer was lost may find that its blocks are gone into the blob",
          "[azure][upload]") {
  Container c(Commits{.answers = {lost(), error(400, "InvalidBlockList")}}.handler());
  const auto upload = c.store->start_upload("k", {});
  upload->put_part(0, Body("x"), {});

  CHECK(upload->commit({}).etag == "\"0x1\"");
}

TEST_CASE("a create in parts whose answer was lost knows its blob again", "[azure][upload]") {
  Container c(Commits{.answers = {lost(), error(409, "BlobAlreadyExists")}}.handler());
  const auto upload = c.store->start_upload("k", {.if_absent = true});
  upload->put_part(0, Body("x"), {});

  CHECK(upload->commit({}).etag == "\"0x1\"");
}

TEST_CASE("a commit after which another writer came is no success", "[azure][upload]") {
  Container c(Commits{.answers = {lost(), error(400, "InvalidBlockList")}, .other_token = "other"}
                  .handler());
  const auto upload = c.store->start_upload("k", {});
  upload->put_part(0, Body("x"), {});

  const Error error = error_of([&] { upload->commit({}); });

  CHECK(error.code() == ErrorCode::conflict);
  CHECK(contains(error.what(), "another writer"));
}

TEST_CASE("blocks that another upload's commit has dropped have to be sent again",
          "[azure][upload]") {
  Container c(Commits{.answers = {error(400, "InvalidBlockList")}}.handler());
  const auto upload = c.store->start_upload("k", {});
  upload->put_part(0, Body("x"), {});

  CHECK(code_of([&] { upload->commit({}); }) == ErrorCode::conflict);
}

TEST_CASE("blocks of another length in the way are told as what they are", "[azure][upload]") {
  Container c({error(400, "InvalidBlobOrBlock")});
  const auto upload = c.store->start_upload("k", {});

  const Error error = error_of([&] { upload->put_part(0, Body("x"), {}); });

  CHECK(error.code() == ErrorCode::invalid_argument);
  CHECK(contains(error.what(), "another program"));
}

}  // namespace
