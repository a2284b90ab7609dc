// The store on a simulated Cloud Storage.
#include "tests/unit/vfs/gcs/bucket_fixture.hpp"
#include "vfs/powers.hpp"

namespace {

using namespace cairn;
using namespace cairn::vfs;
using test::GcsBucket;
using test::sim::Fault;

TEST_CASE("an object keeps what it was written with", "[gcs][store]") {
  GcsBucket b({.storage_class = "NEARLINE"});
  const WriteResult result = b.store->put(
      "a b/ü+%41", Body("123456789"), {.content_type = "text/x", .metadata = {{"Owner", "me"}}});
  const auto info = b.store->stat("a b/ü+%41", {});
  REQUIRE(info);
  CHECK(info->size == 9);
  CHECK(info->etag == result.etag);
  CHECK(info->version == result.etag);
  CHECK(info->content_type == "text/x");
  CHECK(info->storage_class == "NEARLINE");
  CHECK(info->metadata == Metadata{{"owner", "me"}});
  // CRC32C of "123456789": RFC 3720 appendix B.4 gives the polynomial, e3069283 is its check value.
  CHECK(info->checksum == Checksum{.type = ChecksumType::crc32c, .value = 0xe3069283});
}

TEST_CASE("a range is read and tells the checksum of the whole", "[gcs][store]") {
  GcsBucket b;
  b.add("k", "123456789");
  std::string out(4, '?');
  const ReadResult result = b.store->read("k", 3, std::as_writable_bytes(std::span(out)), {});
  CHECK(out == "4567");
  CHECK(result.info.size == 9);
  CHECK(result.info.checksum == Checksum{.type = ChecksumType::crc32c, .value = 0xe3069283});
}

TEST_CASE("a read keeps to the generation that it is asked for", "[gcs][store]") {
  GcsBucket b;
  b.add("k", "one");
  const std::string first = b.server->etag("k");
  b.add("k", "two");
  std::string out(3, '?');
  const auto span = std::as_writable_bytes(std::span(out));
  CHECK(test::error_of([&] { b.store->read("k", 0, span, {.if_match = first}); }).code() ==
        ErrorCode::precondition_failed);
  b.store->read("k", 0, span, {.if_match = b.server->etag("k")});
  CHECK(out == "two");
  CHECK(b.count("ifGenerationMatch=" + first) == 1);  // the service is asked, too
}

TEST_CASE("an etag that is no generation is a condition that no object meets", "[gcs][store]") {
  GcsBucket b;
  b.add("k", "one");
  const Error error =
      test::error_of([&] { b.store->put("k", Body("two"), {.if_match = "\"abc\""}); });
  CHECK(error.code() == ErrorCode::precondition_failed);
  CHECK(contains(error.what(), "is not the generation of an object"));
  CHECK(b.server->content("k") == "one");
}

TEST_CASE("a generation behind the name is part of the name, and a hint says so", "[gcs][store]") {
  GcsBucket b;
  b.add("k", "one");
  std::string out(3, '?');
  const Error error = test::error_of(
      [&] { b.store->read("k#1700000000000001", 0, std::as_writable_bytes(std::span(out)), {}); });
  CHECK(error.code() == ErrorCode::not_found);
  CHECK(contains(error.details().hint, "ReadOptions::version"));
}

TEST_CASE("names come sorted, files and directories together", "[gcs][store]") {
  GcsBucket b;
  for (const char* key : {"a/1", "a-b", "a.b", "b", "b/x", "c/.cairn-upload-x/1"}) b.add(key, "x");
  const ListPage page = b.store->list_page("", {});
  std::vector<std::string> names;
  for (const FileInfo& entry : page.entries) names.push_back(entry.path.string());
  CHECK(names == std::vector<std::string>{"a-b", "a.b", "a/", "b", "b/", "c/"});
}

TEST_CASE("a listing begins after a name and leaves out parts of uploads", "[gcs][store]") {
  GcsBucket b;
  const std::string part = "d/.cairn-upload-0123456789abcdef0123456789abcdef/00000";
  for (const std::string key : {"d/a", "d/b", "d/c"}) b.add(key, "x");
  b.add(part, "x");
  std::vector<std::string> names;
  for (const FileInfo& entry :
       b.store->list_page("d/", {.recursive = true, .start_after = "d/a"}).entries) {
    names.push_back(entry.path.string());
  }
  CHECK(names == std::vector<std::string>{"d/b", "d/c"});
}

TEST_CASE("parts that an upload left behind are found and removed by age", "[gcs][store]") {
  GcsBucket b;
  const std::string folder = "d/.cairn-upload-0123456789abcdef0123456789abcdef/";
  b.add(folder + "00000", "x");
  b.add(folder + "0-00001", "x");
  b.add("d/k", "x");
  auto& uploads = dynamic_cast<Uploads&>(*b.store);
  const UploadPage page = uploads.list_uploads_page("d/", {}, {});
  REQUIRE(page.entries.size() == 1);
  CHECK(page.entries[0].path.string() == folder);
  uploads.abort_upload(page.entries[0].path, page.entries[0].id, {});
  CHECK(b.server->keys() == std::vector<std::string>{"d/k"});
  CHECK(test::error_of([&] { uploads.abort_upload("d/", "d/", {}); }).code() ==
        ErrorCode::invalid_argument);
}

TEST_CASE("many objects go in batches of a hundred, and each answer counts", "[gcs][store]") {
  GcsBucket b;
  std::vector<Path> paths;
  for (int i = 0; i < 250; ++i) {
    paths.emplace_back("k/" + std::to_string(i));
    if (i % 2 == 0) b.add(paths.back().string(), "x");  // the others are not there
  }
  for (const RemoveResult& result : b.store->remove(paths, {})) CHECK(result.error.empty());
  CHECK(b.server->keys().empty());
  CHECK(b.count("/batch/storage/v1") == 3);
}

TEST_CASE("where there are no batches objects go one by one", "[gcs][store]") {
  test::sim::gcs::Options options;
  options.has_batch = false;
  GcsBucket b({}, std::move(options));
  b.add("a", "x");
  b.add("b", "x");
  for (const RemoveResult& result : b.store->remove(std::vector<Path>{"a", "b"}, {})) {
    CHECK(result.error.empty());
  }
  CHECK(b.server->keys().empty());
}

TEST_CASE("a copy that takes several calls is one copy", "[gcs][store]") {
  test::sim::gcs::Options options;
  options.rewrite_calls = 3;
  GcsBucket b({}, std::move(options));
  b.store->put("a", Body("bytes"), {.content_type = "x/y", .metadata = {{"n", "v"}}});
  const WriteResult result = b.store->copy("a", "b", {});
  CHECK(result.size == 5);
  CHECK(b.server->content("b") == "bytes");
  CHECK(b.count("/rewriteTo/") == 3);
  CHECK(b.store->stat("b", {})->metadata == Metadata{{"n", "v"}});
}

TEST_CASE("a copy that shall create keeps what describes the source", "[gcs][store]") {
  GcsBucket b;
  b.store->put("a", Body("bytes"), {.content_type = "x/y", .metadata = {{"n", "v"}}});
  b.store->copy("a", "b", {.if_absent = true});
  const auto info = b.store->stat("b", {});
  CHECK(info->content_type == "x/y");
  CHECK(info->metadata == Metadata{{"n", "v"}});
  CHECK(test::error_of([&] { b.store->copy("a", "b", {.if_absent = true}); }).code() ==
        ErrorCode::already_exists);
}

TEST_CASE("a move is one request where the service has it", "[gcs][store]") {
  GcsBucket b;
  b.add("a", "bytes");
  b.store->move("a", "b", {});
  CHECK(b.server->keys() == std::vector<std::string>{"b"});
  CHECK(b.count("/moveTo/") == 1);
  CHECK(b.count("/rewriteTo/") == 0);
}

TEST_CASE("a move without moveTo is a copy, after which the source goes", "[gcs][store]") {
  test::sim::gcs::Options options;
  options.has_move = false;
  GcsBucket b({}, std::move(options));
  b.add("a", "1");
  b.add("c", "2");
  b.store->move("a", "b", {});
  b.store->move("c", "d", {});
  CHECK(b.server->keys() == std::vector<std::string>{"b", "d"});
  CHECK(b.count("/moveTo/") == 1);  // it is not asked for again
}

TEST_CASE("a move whose answer was lost is known by what it left", "[gcs][store]") {
  GcsBucket b;
  b.add("a", "bytes");
  b.network->plan().faults[1] = Fault::lost_answer;
  CHECK(b.store->move("a", "b", {}).size == 5);
  CHECK(b.server->keys() == std::vector<std::string>{"b"});
}

TEST_CASE("a copy is of the version that the source had when it began", "[gcs][store]") {
  GcsBucket b;
  b.add("a", "bytes");
  b.network->plan().contended = "a";
  b.network->plan().foreign = "other";
  b.network->plan().faults[1] = Fault::replaced;  // after it was looked at, before the rewrite
  CHECK(test::error_of([&] { b.store->copy("a", "b", {}); }).code() ==
        ErrorCode::precondition_failed);
  CHECK_FALSE(b.server->content("b"));
}

TEST_CASE("another's object of the same size is not taken for what was written", "[gcs][store]") {
  GcsBucket b;
  b.network->plan().contended = "k";
  b.network->plan().foreign = "bbbb";
  b.network->plan().faults[0] = Fault::reset_before;  // nobody knows that it was not carried out
  b.network->plan().faults[1] = Fault::replaced;
  CHECK(test::error_of([&] { b.store->put("k", Body("aaaa"), {.if_absent = true}); }).code() ==
        ErrorCode::already_exists);
  CHECK(b.server->content("k") == "bbbb");
}

TEST_CASE("who pays is told with every request", "[gcs][store]") {
  test::sim::gcs::Options options;
  options.requester_pays = "paying-project";
  GcsBucket b({.user_project = "paying-project"}, std::move(options));
  b.store->put("k", Body("x"), {});
  CHECK(b.server->content("k") == "x");
}

TEST_CASE("tags are refused, as there are none", "[gcs][store]") {
  GcsBucket b;
  CHECK(test::error_of([&] { b.store->put("k", Body("x"), {.tags = {{"a", "b"}}}); }).code() ==
        ErrorCode::invalid_argument);
}

}  // namespace
