// Renames in hierarchical namespaces.
// https://learn.microsoft.com/rest/api/storageservices/datalakestoragegen2/path/create
#include "tests/support/catch.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/error_of.hpp"
#include "tests/unit/vfs/azure/hierarchical_account.hpp"

using namespace cairn;
using namespace cairn::vfs;
using namespace cairn::test::hierarchical;
using test::Answer;
using test::code_of;

TEST_CASE("a file gets its new name in one step, if it is still what it was", "[azure][dfs]") {
  Account account({head("\"0x1\""), created()});

  const WriteResult result = azure::rename_path(account.connection, "a/f +", "b/g%", {});

  CHECK(result.size == 5);
  CHECK(result.etag == "\"0x2\"");
  REQUIRE(account.count() == 2);
  CHECK(account.line(0) == "HEAD " + std::string(kBlob) + "/a/f%20%2B");
  CHECK(account.line(1) == "PUT " + std::string(kDfs) + "/b/g%25?mode=posix");
  const net::Headers& headers = account.request(1).headers;
  CHECK(headers.get("x-ms-rename-source") == "/cont/a/f%20%2B");
  CHECK(headers.get("x-ms-source-if-match") == "\"0x1\"");
  CHECK_FALSE(headers.find("if-none-match"));
  CHECK(headers.get("authorization").starts_with("SharedKey acct:"));
}

TEST_CASE("a directory gets its new name with all in it", "[azure][dfs]") {
  auto next = created();
  next.headers.emplace_back("x-ms-continuation", "t1");
  Account account({head("\"0x1\"", {{"x-ms-resource-type", "directory"}}), next, created()});

  static_cast<void>(azure::rename_path(account.connection, "a/", "b/", {}));

  CHECK(account.request(1).headers.get("x-ms-rename-source") == "/cont/a");
  CHECK(account.line(1) == "PUT " + std::string(kDfs) + "/b?mode=posix");
  CHECK(account.line(2) == account.line(1) + "&continuation=t1");
}

TEST_CASE("a SAS goes with the source, too", "[azure][dfs]") {
  Account account({head("\"0x1\""), created()}, with_sas());
  static_cast<void>(azure::rename_path(account.connection, "a", "b", {}));
  CHECK(account.request(1).headers.get("x-ms-rename-source") == "/cont/a?sv=2023-11-03&sig=s%3D");
}

TEST_CASE("a rename heeds what the caller asks of the target", "[azure][dfs]") {
  Account absent({head("\"0x1\""), error(409, "PathAlreadyExists")});
  CHECK(code_of([&] {
          static_cast<void>(azure::rename_path(absent.connection, "a", "b", {.if_absent = true}));
        }) == ErrorCode::already_exists);
  CHECK(absent.request(1).headers.get("if-none-match") == "*");

  Account same({head("\"0x1\""), error(412, "ConditionNotMet")});
  CHECK(code_of([&] {
          static_cast<void>(azure::rename_path(same.connection, "a", "b", {.if_match = "\"0x9\""}));
        }) == ErrorCode::precondition_failed);
  CHECK(same.request(1).headers.get("if-match") == "\"0x9\"");
}

TEST_CASE("directories above the target are made where they are missing", "[azure][dfs]") {
  Account account({head("\"0x1\""), error(404, "RenameDestinationParentPathNotFound"),
                   GENERATE(created(), error(409, "PathAlreadyExists")), head("\"0x1\""),
                   created()});

  CHECK(azure::rename_path(account.connection, "f", "x/y z/f", {}).etag == "\"0x2\"");

  CHECK(account.line(2) == "PUT " + std::string(kDfs) + "/x/y%20z?resource=directory");
  CHECK(account.request(2).headers.get("if-none-match") == "*");
  CHECK(account.count() == 5);
}

TEST_CASE("a source that was written meanwhile is renamed as it is now", "[azure][dfs]") {
  Account account(
      {head("\"0x1\""), error(412, "SourceConditionNotMet"), head("\"0x7\""), created()});
  static_cast<void>(azure::rename_path(account.connection, "a", "b", {}));
  CHECK(account.request(3).headers.get("x-ms-source-if-match") == "\"0x7\"");
}

TEST_CASE("a source that is not there is an error that names it", "[azure][dfs]") {
  Account account({error(404, "BlobNotFound")});
  const Error failure = test::error_of(
      [&] { static_cast<void>(azure::rename_path(account.connection, "a", "b", {})); });
  CHECK(failure.code() == ErrorCode::not_found);
  CHECK(contains(failure.what(), "az://cont/a"));
}

// What each loss of an answer leaves behind: a file keeps its etag and metadata under its new name.
TEST_CASE("a rename whose answer was lost is known by the file's etag", "[azure][dfs]") {
  Account account({head("\"0x1\""), lost(), error(404, "SourcePathNotFound"), head("\"0x1\"")});

  const WriteResult result = azure::rename_path(account.connection, "a", "b", {});

  CHECK(result.etag == "\"0x1\"");
  CHECK(account.line(3) == "HEAD " + std::string(kBlob) + "/b");
}

TEST_CASE("a rename whose answer was lost is known by the token of the file's write",
          "[azure][dfs]") {
  Account account({head("\"0x1\"", {{"x-ms-meta-cairn_op", "t1"}}), lost(),
                   error(409, "PathAlreadyExists"),
                   head("\"0x5\"", {{"x-ms-meta-cairn_op", "t1"}})});
  CHECK(azure::rename_path(account.connection, "a", "b", {.if_absent = true}).etag == "\"0x5\"");
}

TEST_CASE("a target that is not the source is not taken for it", "[azure][dfs]") {
  Account created_by_other({head("\"0x1\""), lost(), error(409, "PathAlreadyExists"),
                            head("\"0x8\"", {{"x-ms-meta-cairn_op", "t9"}})});
  CHECK(code_of([&] {
          static_cast<void>(
              azure::rename_path(created_by_other.connection, "a", "b", {.if_absent = true}));
        }) == ErrorCode::already_exists);

  Account replaced_by_other({head("\"0x1\""), lost(), error(404, "SourcePathNotFound"),
                             head("\"0x8\"", {{"x-ms-meta-cairn_op", "t9"}})});
  CHECK(code_of([&] {
          static_cast<void>(azure::rename_path(replaced_by_other.connection, "a", "b", {}));
        }) == ErrorCode::conflict);

  Account moved_by_other(
      {head("\"0x1\""), lost(), error(404, "SourcePathNotFound"), error(404, "BlobNotFound")});
  CHECK(code_of([&] {
          static_cast<void>(azure::rename_path(moved_by_other.connection, "a", "b", {}));
        }) == ErrorCode::not_found);
}
