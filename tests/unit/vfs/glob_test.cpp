#include <string>
#include <vector>

#include "tests/support/catch.hpp"
#include "vfs/error.hpp"
#include "vfs/url.hpp"

using namespace cairn::vfs;

namespace {

struct GlobCase {
  std::string pattern;
  bool valid;
  std::vector<std::string> matching;
};

#include "tests/unit/vfs/glob_cases.inc"

}  // namespace

TEST_CASE("a glob matches what fsspec's matches", "[glob]") {
  for (const GlobCase& expected : kCases) {
    INFO(expected.pattern);
    if (!expected.valid) {
      CHECK_THROWS_AS(Glob(expected.pattern), Error);
      continue;
    }
    const Glob glob(expected.pattern);

    std::vector<std::string> matching;
    for (const std::string& path : kPaths) {
      if (glob.matches(path)) matching.push_back(path);
    }

    CHECK(matching == expected.matching);
  }
}

TEST_CASE("the literal prefix of a glob ends at the last '/' before the magic", "[glob]") {
  CHECK(Glob("a/b*/c").literal_prefix() == "a/");
  CHECK(Glob("a/b/c").literal_prefix() == "a/b/");
  CHECK(Glob("*").literal_prefix().empty());
  CHECK(Glob("/tmp/[x]/y").literal_prefix() == "/tmp/");
  CHECK(Glob("abc").literal_prefix().empty());
}

TEST_CASE("an escaped text matches itself and nothing else", "[glob]") {
  for (const std::string text : {"a[1].txt", "a*b?", "[", "]", "plain", "a/[b]/c"}) {
    INFO(text);
    CHECK(Glob(Glob::escape(text)).matches(text));
  }
  CHECK_FALSE(Glob(Glob::escape("a[1].txt")).matches("a1.txt"));
  CHECK_FALSE(Glob(Glob::escape("a*")).matches("ab"));
}

TEST_CASE("many stars take linear time", "[glob]") {
  std::string pattern;
  for (int i = 0; i < 50; ++i) pattern += "**/*a*a*/";
  const std::string path(5000, 'a');

  CHECK_FALSE(Glob(pattern + "b").matches(path));
}
