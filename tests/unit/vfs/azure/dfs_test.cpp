// Hierarchical namespaces, before an endpoint that takes only what Microsoft's pages ask for.
// https://learn.microsoft.com/rest/api/storageservices/data-lake-storage-gen2
#include <string>

#include "tests/support/catch.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/error_of.hpp"
#include "tests/unit/vfs/azure/hierarchical_account.hpp"

using namespace cairn;
using namespace cairn::vfs;
using namespace cairn::test::hierarchical;
using test::Answer;
using test::code_of;

TEST_CASE("an account is asked once whether it is hierarchical", "[azure][dfs]") {
  // https://learn.microsoft.com/rest/api/storageservices/get-account-information
  const char* answer = GENERATE("true", "false");
  Account account([answer](const net::Request& request) -> Answer {
    if (request.url != std::string(kBlob) + "?restype=account&comp=properties") {
      return error(400, "InvalidQueryParameterValue");
    }
    return {.headers = {{"x-ms-is-hns-enabled", answer}, {"x-ms-sku-name", "Standard_LRS"}}};
  });

  const bool found = account.is_hierarchical();

  CHECK(found == (std::string(answer) == "true"));
  azure::Connection other(Url::parse("az://other"), account.services);
  CHECK(azure::Namespace(other).is_hierarchical({}) == found);
  CHECK(account.count() == 1);
}

TEST_CASE("the option says what kind of account it is, and nobody is asked", "[azure][dfs]") {
  AzureOptions options = with_key();
  options.hierarchical = GENERATE(true, false);
  Account account(std::vector<Answer>{}, options);
  CHECK(account.is_hierarchical() == *options.hierarchical);
  CHECK(account.count() == 0);
}

TEST_CASE("with a token the root's access control tells the kind of account", "[azure][dfs]") {
  // Get Account Information takes keys and SAS; only hierarchical accounts have access control.
  // https://learn.microsoft.com/rest/api/storageservices/datalakestoragegen2/path/get-properties
  const bool hierarchical = GENERATE(true, false);
  Account account(
      [hierarchical](const net::Request& request) -> Answer {
        if (request.method != "HEAD" ||
            request.url != std::string(kDfs) + "/?action=getAccessControl" ||
            request.headers.get("authorization") != "Bearer eyJ0") {
          return error(500, "InternalError");
        }
        return hierarchical ? head("\"0x1\"", {{"x-ms-acl", "user::rwx"}})
                            : error(400, "UnsupportedRestVersion");
      },
      with_token());
  CHECK(account.is_hierarchical() == hierarchical);
  CHECK(account.count() == 1);
}

TEST_CASE("a SAS that may not ask for the account asks for the root", "[azure][dfs]") {
  Account account({error(403, "AuthorizationPermissionMismatch"), head("\"0x1\"")}, with_sas());
  CHECK(account.is_hierarchical());
  CHECK(account.line(1) ==
        "HEAD " + std::string(kDfs) + "/?action=getAccessControl&sv=2023-11-03&sig=s%3D");
}

TEST_CASE("an account that can't be asked now is asked again later", "[azure][dfs]") {
  bool out = true;
  Account account([&out](const net::Request&) -> Answer {
    if (out) return {.failure = net::TransportFailure::connect};
    return {.headers = {{"x-ms-is-hns-enabled", "true"}}};
  });
  CHECK_FALSE(account.is_hierarchical());
  out = false;
  CHECK(account.is_hierarchical());
}

TEST_CASE("an anonymous user does not ask", "[azure][dfs]") {
  Account anonymous(std::vector<Answer>{}, {.account = "acct", .anonymous = true});
  CHECK_FALSE(anonymous.is_hierarchical());
  CHECK(anonymous.count() == 0);
}

TEST_CASE("a server that knows none of the questions is flat, and asked once", "[azure][dfs]") {
  Account account({error(400, "InvalidQueryParameterValue"), error(404, "ResourceNotFound")});
  CHECK_FALSE(account.is_hierarchical());
  CHECK_FALSE(account.is_hierarchical());
  CHECK(account.count() == 2);
}

// https://learn.microsoft.com/rest/api/storageservices/datalakestoragegen2/path/delete
TEST_CASE("a directory is removed with all in it, for as many requests as that takes",
          "[azure][dfs]") {
  const std::vector<std::pair<std::string, std::string>> id{{"x-ms-request-id", "r"}};
  auto next = id;
  next.emplace_back("x-ms-continuation", "t&1");
  Account account(
      {head("\"0x1\"", {{"x-ms-meta-hdi_isfolder", "true"}}), {.headers = next}, {.headers = id}});

  azure::remove_tree(account.connection, "a b/", {});

  CHECK(account.line(0) == "HEAD " + std::string(kBlob) + "/a%20b");
  CHECK(account.line(1) == "DELETE " + std::string(kDfs) + "/a%20b?recursive=true&paginated=true");
  CHECK(account.line(2) == account.line(1) + "&continuation=t%261");
  CHECK(account.count() == 3);
}

TEST_CASE("a directory that is gone is removed, a file is not one", "[azure][dfs]") {
  Account gone({error(404, "BlobNotFound")});
  azure::remove_tree(gone.connection, "d/", {});
  CHECK(gone.count() == 1);

  Account again(
      {head("\"0x1\"", {{"x-ms-resource-type", "directory"}}), lost(), error(404, "PathNotFound")});
  azure::remove_tree(again.connection, "d/", {});
  CHECK(again.count() == 3);

  Account file({head("\"0x1\"")});
  CHECK(code_of([&] { azure::remove_tree(file.connection, "f/", {}); }) ==
        ErrorCode::not_a_directory);
  CHECK(file.count() == 1);
}

TEST_CASE("a removal that never ends is found out", "[azure][dfs]") {
  const Answer again{.headers = {{"x-ms-request-id", "r"}, {"x-ms-continuation", "t"}}};
  Account account({head("\"0x1\"", {{"x-ms-resource-type", "directory"}}), again, again});
  CHECK(code_of([&] { azure::remove_tree(account.connection, "d/", {}); }) == ErrorCode::corrupt);
}
