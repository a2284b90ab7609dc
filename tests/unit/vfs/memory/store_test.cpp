// What the conformance suite does not see: paging and parts of this store.
#include "vfs/memory/store.hpp"

#include "tests/support/catch.hpp"
#include "vfs/context.hpp"
#include "vfs/error.hpp"

using namespace cairn::vfs;

namespace {

struct Memory {
  std::shared_ptr<Context> context{Context::make()};
  std::shared_ptr<Store> store{make_memory_store(Url("memory", "", ""), *context)};

  void put(const char* path, const char* text = "x") { store->put(path, text, {}); }
};

std::vector<std::string> names(const ListPage& page) {
  std::vector<std::string> out;
  for (const FileInfo& info : page.entries) out.push_back(info.path.string());
  return out;
}

}  // namespace

TEST_CASE("pages of a listing follow each other without a gap or a double", "[memory]") {
  Memory memory;
  for (const char* path : {"a", "d/1", "d/2", "e/1", "f"}) memory.put(path);

  std::vector<std::string> all;
  ListOptions options{.page_size = 1};
  do {
    const ListPage page = memory.store->list_page("", options);
    CHECK(page.entries.size() <= 1);
    for (const std::string& name : names(page)) all.push_back(name);
    options.page_token = page.next_page_token;
  } while (!options.page_token.empty());

  CHECK(all == std::vector<std::string>{"a", "d/", "e/", "f"});
}

TEST_CASE("a listing begins after start_after", "[memory]") {
  Memory memory;
  for (const char* path : {"a", "b", "c"}) memory.put(path);
  CHECK(names(memory.store->list_page("", {.start_after = "a"})) ==
        std::vector<std::string>{"b", "c"});
}

TEST_CASE("parts of an upload may come in any order", "[memory]") {
  Memory memory;
  const auto upload = memory.store->start_upload("k", {});
  upload->put_part(1, "cd", {});
  upload->put_part(0, "ab", {});
  CHECK_FALSE(memory.store->stat("k", {}));

  CHECK(upload->commit({}).size == 4);

  std::string text(4, '?');
  memory.store->read("k", 0, std::as_writable_bytes(std::span(text)), {});
  CHECK(text == "abcd");
}

TEST_CASE("an upload with a hole is refused", "[memory]") {
  Memory memory;
  const auto upload = memory.store->start_upload("k", {});
  upload->put_part(1, "cd", {});
  CHECK_THROWS_AS(upload->commit({}), Error);
  CHECK_FALSE(memory.store->stat("k", {}));
}
