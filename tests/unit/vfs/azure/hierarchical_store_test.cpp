// The store on an account with a hierarchical namespace.
// https://learn.microsoft.com/azure/storage/blobs/data-lake-storage-namespace
#include <string>
#include <vector>

#include "tests/support/error_of.hpp"
#include "tests/unit/vfs/azure/container.hpp"
#include "tests/unit/vfs/azure/hierarchical_container.hpp"

namespace {

using namespace cairn;
using namespace cairn::vfs;
using test::code_of;
using test::HierarchicalContainer;
using test::sim::Fault;

std::vector<std::string> names(const std::vector<FileInfo>& entries) {
  std::vector<std::string> result;
  for (const FileInfo& info : entries) {
    result.push_back(info.path.string() + (info.type == FileType::directory ? " (directory)" : ""));
  }
  return result;
}
using Names = std::vector<std::string>;

TEST_CASE("capabilities say what the account is once it was asked, and it is asked once",
          "[azure][hierarchical]") {
  const bool hierarchical = GENERATE(true, false);
  HierarchicalContainer c({.hierarchical = hierarchical});
  c.add("d/f", "1");
  CHECK_FALSE(c.store->capabilities().directories);

  CHECK(c.files().exists("d/f"));
  CHECK(c.count("HEAD", "restype=account") == 0);  // a file that is there needs no question
  CHECK(c.files().stat("d")->type == FileType::directory);
  CHECK_FALSE(c.files().exists("nothing"));

  CHECK(c.count("HEAD", "restype=account") == 1);
  CHECK(c.store->capabilities().directories == hierarchical);
  CHECK(c.store->capabilities().removes_trees == hierarchical);
  CHECK(c.store->capabilities().atomic_move == hierarchical);
}

TEST_CASE("reads and writes do not ask what the account is", "[azure][hierarchical]") {
  HierarchicalContainer c;
  c.files().write("d/f", Body("123"));
  CHECK(c.files().read_text("d/f") == "123");
  CHECK(c.count("HEAD", "restype=account") == 0);
}

// https://learn.microsoft.com/rest/api/storageservices/datalakestoragegen2/path/create
TEST_CASE("a move is one rename", "[azure][hierarchical]") {
  HierarchicalContainer c;
  c.add("a/f", "123");
  c.add("b/f", "old");

  const WriteResult result = c.store->move("a/f", "b/f", {});

  CHECK(result.size == 3);
  CHECK(result.etag == c.server->etag("b/f"));
  CHECK(c.server->content("b/f") == "123");
  CHECK_FALSE(c.server->content("a/f"));
  CHECK(c.count("PUT", "") == 1);
  CHECK(c.count("PUT", "mode=posix") == 1);
  CHECK(c.count("DELETE", "") == 0);
}

TEST_CASE("a directory moves with all in it", "[azure][hierarchical]") {
  HierarchicalContainer c;
  c.add("run/a", "1");
  c.add("run/deep/b", "2");

  static_cast<void>(c.files().move("run", "old/run"));

  CHECK(c.server->keys() == Names{"old/run/a", "old/run/deep/b"});
  CHECK(c.count("PUT", "mode=posix") <= 2);  // the second with the parent that was missing
}

TEST_CASE("a move heeds the conditions on its target", "[azure][hierarchical]") {
  HierarchicalContainer c;
  c.add("a", "123");
  c.add("b", "old");

  CHECK(code_of([&] { static_cast<void>(c.store->move("a", "b", {.if_absent = true})); }) ==
        ErrorCode::already_exists);
  CHECK(code_of([&] { static_cast<void>(c.store->move("a", "b", {.if_match = "\"0x1\""})); }) ==
        ErrorCode::precondition_failed);
  CHECK(c.server->content("a") == "123");
  CHECK(c.server->content("b") == "old");

  static_cast<void>(c.store->move("a", "b", {.if_match = c.server->etag("b")}));
  CHECK(c.server->content("b") == "123");
}

TEST_CASE("a move whose answer was lost is a success, and was one rename",
          "[azure][hierarchical]") {
  HierarchicalContainer c;
  c.add("a", "123");
  c.network->plan().faults = {{2, Fault::lost_answer}};  // after the kind and the source

  const WriteResult result = c.store->move("a", "b", {.if_absent = true});

  CHECK(c.network->applied() == 1);
  CHECK(result.etag == c.server->etag("b"));
  CHECK(c.server->keys() == Names{"b"});
}

TEST_CASE("a move that describes the file anew is a copy", "[azure][hierarchical]") {
  HierarchicalContainer c;
  c.add("a", "123");

  static_cast<void>(c.store->move("a", "b", {.content_type = "text/x"}));

  CHECK(c.store->stat("b", {})->content_type == "text/x");
  CHECK(c.server->keys() == Names{"b"});
}

TEST_CASE("a directory is one, also when nothing is in it", "[azure][hierarchical]") {
  HierarchicalContainer c;
  c.add_directory("d");
  c.add("f", "1");
  const FileSystem files = c.files();

  for (const char* name : {"d", "d/"}) {
    const auto info = files.stat(name);
    REQUIRE(info);
    CHECK(info->type == FileType::directory);
    CHECK(info->metadata.empty());
  }
  CHECK(files.stat("")->type == FileType::directory);
  CHECK_FALSE(files.exists("f/"));
  CHECK(files.list("d").empty());
  CHECK(code_of([&] { static_cast<void>(files.list("f")); }) == ErrorCode::not_a_directory);
  CHECK(code_of([&] { static_cast<void>(files.list("nothing")); }) == ErrorCode::not_found);
  CHECK(code_of([&] { static_cast<void>(files.read("d")); }) == ErrorCode::is_a_directory);
}

// https://learn.microsoft.com/rest/api/storageservices/list-blobs
TEST_CASE("lists show directories as such, and those of all below only files",
          "[azure][hierarchical]") {
  HierarchicalContainer c({.hierarchical = true, .page = 2});
  c.add_directory("r/empty");
  c.add("r/deep/f", "1");
  c.add("r/g", "12");

  CHECK(names(c.files().list("r")) == Names{"r/deep/ (directory)", "r/empty/ (directory)", "r/g"});
  CHECK(names(c.files().list("r", {.recursive = true})) == Names{"r/deep/f", "r/g"});
  CHECK(names(c.files().list("")) == Names{"r/ (directory)"});
}

TEST_CASE("a directory that is listed both as a mark and as a prefix is one",
          "[azure][hierarchical]") {
  const std::string entries =
      "<Blob><Name>d</Name><Properties><ResourceType>directory</ResourceType></Properties></Blob>"
      "<Blob><Name>d-x</Name><Properties><Content-Length>1</Content-Length></Properties></Blob>"
      "<BlobPrefix><Name>d/</Name></BlobPrefix>";
  Config config = test::azure::with_key();
  config.azure.hierarchical = true;
  test::azure::Container c(
      {{.body = "<EnumerationResults><Blobs>" + entries + "</Blobs></EnumerationResults>"}},
      std::move(config));

  CHECK(names(c.store->list_page("", {}).entries) == Names{"d-x", "d/ (directory)"});
}

// https://learn.microsoft.com/rest/api/storageservices/datalakestoragegen2/path/delete
TEST_CASE("a tree is removed by the service", "[azure][hierarchical]") {
  HierarchicalContainer c;
  c.add("r/a", "1");
  c.add("r/deep/b", "2");
  c.add("r2", "3");
  const FileSystem files = c.files();

  CHECK(files.remove_all("r") == 2);

  CHECK(c.server->keys() == Names{"r2"});
  CHECK_FALSE(files.exists("r"));
  CHECK(c.count("DELETE", "recursive=true") == 1);
  CHECK(c.count("DELETE", "") == 1);
  CHECK(files.remove_all("r") == 0);
}

TEST_CASE("a container is emptied, and stays", "[azure][hierarchical]") {
  HierarchicalContainer c;
  c.add_directory("empty");
  c.add("r/a", "1");
  c.add("b", "2");

  CHECK(c.files().remove_all("") == 2);

  CHECK(c.files().list("").empty());
}

TEST_CASE("a directory with something in it is not removed as if it were a file",
          "[azure][hierarchical]") {
  HierarchicalContainer c;
  c.add("d/f", "1");
  c.add("g", "1");

  CHECK(code_of([&] { c.files().remove("d"); }) == ErrorCode::not_empty);
  const auto results = c.store->remove(std::vector<Path>{"d", "g"}, {});

  CHECK(results[0].code == ErrorCode::not_empty);
  CHECK(results[1].error.empty());
  CHECK(c.server->keys() == Names{"d/f"});
}

TEST_CASE("files and trees are removed together", "[azure][hierarchical]") {
  HierarchicalContainer c;
  c.add("d/f", "1");
  c.add("g", "1");
  for (const RemoveResult& result : c.store->remove(std::vector<Path>{"d/", "g"}, {})) {
    CHECK(result.error.empty());
  }
  CHECK(c.server->keys().empty());
}

TEST_CASE("a file can't be written where a directory is", "[azure][hierarchical]") {
  HierarchicalContainer c;
  c.add("d/f", "1");
  CHECK(code_of([&] { c.files().write("d", Body("x")); }) == ErrorCode::is_a_directory);
}

}  // namespace
