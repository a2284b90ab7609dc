#include <string>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/contains.hpp"
#include "vfs/error.hpp"
#include "vfs/url.hpp"

using namespace cairn::vfs;

namespace {

struct UrlCase {
  std::string text;
  std::string scheme;
  std::string authority;
  std::string path;
};

std::string refusal(const std::string& text) {
  try {
    return "accepted as " + Url::parse(text).string();
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::invalid_argument);
    return error.what();
  }
}

}  // namespace

TEST_CASE("a URL is cut into scheme, authority and path, and nothing in the path is changed",
          "[url]") {
  const std::vector<UrlCase> cases{
      {"s3://bucket/a/b", "s3", "bucket", "a/b"},
      {"s3://bucket", "s3", "bucket", ""},
      {"s3://bucket/", "s3", "bucket", ""},
      {"s3://bucket/dir/", "s3", "bucket", "dir/"},
      {"s3://bucket//a", "s3", "bucket", "/a"},
      {"s3://b/a//b/../c/./%20 ?x=1#y::z", "s3", "b", "a//b/../c/./%20 ?x=1#y::z"},
      {"S3://b/K", "s3", "b", "K"},
      {"gs://b/k#123", "gs", "b", "k#123"},
      {"abfs://container@account.dfs.core.windows.net/p", "abfs",
       "container@account.dfs.core.windows.net", "p"},
      {"file:///a/b", "file", "", "/a/b"},
      {"file:a/b", "file", "", "a/b"},
      {"file:/a/b", "file", "", "/a/b"},
      {"/a/b", "file", "", "/a/b"},
      {"a/b", "file", "", "a/b"},
      {"./a:b/c", "file", "", "./a:b/c"},
      {"a:b", "file", "", "a:b"},
      {"C:/x", "file", "", "C:/x"},
      {"epoch=1-step:2.ckpt", "file", "", "epoch=1-step:2.ckpt"},
      {"memory:a/b", "memory", "", "a/b"},
      {"memory://bucket/key", "memory", "bucket", "key"},
      {"memory:", "memory", "", ""},
      {"memory:///a", "memory", "", "a"},
  };
  for (const UrlCase& expected : cases) {
    INFO(expected.text);
    const Url url = Url::parse(expected.text);
    CHECK(url.scheme() == expected.scheme);
    CHECK(url.authority() == expected.authority);
    CHECK(url.path().string() == expected.path);
    CHECK(Url::parse(url.string()) == url);
  }
}

TEST_CASE("a URL made of parts survives string() and parse()", "[url]") {
  for (const std::string scheme : {"s3", "memory"}) {
    for (const std::string path : {"", "a", "/a", "//a", "a/", "a:b", " ", "%2F", "\xff"}) {
      const Url url(scheme, "bucket", path);
      INFO(url.string());
      CHECK(Url::parse(url.string()) == url);
    }
  }
  for (const std::string path : {"a", "/a", "/", "//a", "a//b", "s3://b/k", ""}) {
    for (const std::string scheme : {"file", "memory"}) {
      const Url url(scheme, "", path);
      INFO(url.string());
      CHECK(Url::parse(url.string()) == url);
    }
  }
}

TEST_CASE("near misses are refused with what was meant", "[url]") {
  CHECK(contains(refusal("s3:/bucket/key"), "did you mean s3://bucket/key?"));
  CHECK(contains(refusal("s3:bucket/key"), "did you mean s3://bucket/key?"));
  CHECK(contains(refusal("foo:/x"), "did you mean foo://x?"));
  CHECK(contains(refusal("s3:///key"), "there is no bucket"));
  CHECK(contains(refusal("file://host/x"), "names no host"));
  CHECK(contains(refusal("file://host/x"), "file:///host/x"));
  CHECK(contains(refusal("s3://my bucket/x"), "space"));
  CHECK(contains(refusal(""), "empty"));
  CHECK(contains(refusal(std::string("a\0b", 3)), "zero byte"));
}

TEST_CASE("a password in a URL is refused and not repeated", "[url][secret]") {
  const std::string text = refusal("s3://user:hunter2@bucket/key");
  CHECK(contains(text, "user information"));
  CHECK_FALSE(contains(text, "hunter2"));
  CHECK_FALSE(contains(refusal("abfs://c:hunter2@account/p"), "hunter2"));
  CHECK(contains(refusal("s3://user@bucket/key"), "user information"));
}

TEST_CASE("paths join with one '/' and keep their own", "[path]") {
  CHECK((Path("a") / "b").string() == "a/b");
  CHECK((Path("a/") / "b").string() == "a/b");
  CHECK((Path("a") / "/b").string() == "a/b");
  CHECK((Path("a/") / "/b").string() == "a/b");
  CHECK((Path("a//") / "b").string() == "a//b");
  CHECK((Path("") / "b").string() == "b");
  CHECK((Path("a") / "").string() == "a");
  CHECK((Path("/") / "b").string() == "/b");
  CHECK((Url::parse("s3://b") / "k").string() == "s3://b/k");
}

TEST_CASE("a path has a name and a parent", "[path]") {
  CHECK(Path("a/b").name() == "b");
  CHECK(Path("a/b/").name() == "b");
  CHECK(Path("a").name() == "a");
  CHECK(Path("a/b").parent() == Path("a"));
  CHECK(Path("a/b/").parent() == Path("a"));
  CHECK(Path("a").parent().empty());
  CHECK(Path("/a").parent() == Path("/"));
  CHECK(Path("/").parent().empty());
  CHECK(Url::parse("s3://b/a/k").parent().string() == "s3://b/a");
}
