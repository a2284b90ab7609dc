#include "vfs/file/upload.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"
#include "vfs/error.hpp"

using namespace cairn::vfs;

namespace {

struct Target {
  TemporaryFolder folder{};
  std::string path{folder.string() + "/f"};
  std::unique_ptr<Upload> upload{make()};

  [[nodiscard]] std::unique_ptr<Upload> make() const {
    const auto random = system_random();
    auto temporary =
        std::make_unique<file::Temporary>(path, *random, file::Call{"write", "file:f"});
    return file::make_upload(std::move(temporary), "file:f", {});
  }
  [[nodiscard]] std::string text() const {
    std::stringstream out;
    out << std::ifstream(path).rdbuf();
    return out.str();
  }
};

}  // namespace

TEST_CASE("parts may come in any order, the short last one first as well", "[file][upload]") {
  const std::vector<const char*> parts{"aaa", "bbb", "ccc", "d"};
  std::vector<std::uint32_t> order{0, 1, 2, 3};
  do {
    const Target target;
    for (const std::uint32_t index : order) target.upload->put_part(index, parts[index], {});
    CHECK(target.upload->commit({}).size == 10);
    CHECK(target.text() == "aaabbbcccd");
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("a part that is sent again replaces the first try", "[file][upload]") {
  const Target target;
  target.upload->put_part(0, "aaa", {});
  target.upload->put_part(1, "xyz", {});
  target.upload->put_part(1, "b", {});
  target.upload->commit({});
  CHECK(target.text() == "aaab");
}

TEST_CASE("a missing part or one of another size is refused", "[file][upload]") {
  const auto refused = [](const std::vector<std::pair<std::uint32_t, const char*>>& parts) {
    const Target target;
    for (const auto& [index, text] : parts) target.upload->put_part(index, text, {});
    CHECK_THROWS_AS(target.upload->commit({}), Error);
  };
  refused({{1, "b"}});
  refused({{0, "aa"}, {2, "cc"}});
  refused({{0, "aa"}, {1, "b"}, {2, "cc"}});
  refused({{0, "aa"}, {1, "bbb"}});
}

TEST_CASE("an upload of no parts is an empty file", "[file][upload]") {
  const Target target;
  CHECK(target.upload->commit({}).size == 0);
  CHECK(target.text().empty());
}
