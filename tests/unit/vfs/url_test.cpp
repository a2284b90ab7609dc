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
      {"az://container@account.blob.core.windows.net/p", "az",
       "container@account.blob.core.windows.net", "p"},
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

TEST_CASE("a web address is decoded into its path and encoded again", "[url]") {
  struct WebCase {
    std::string text;
    std::string path;
    std::string encoded;  // empty: as it came
  };
  const std::vector<WebCase> cases{
      {"http://h/a%20b/%C3%BC", "a b/\u00fc", ""},
      {"http://h/a b", "a b", "http://h/a%20b"},
      {"https://h:8443/\u00fc.bin", "\u00fc.bin", "https://h:8443/%C3%BC.bin"},
      {"http://h/a%2520b", "a%20b", ""},
      {"http://h/100%", "100%", "http://h/100%25"},
      {"http://h/a+b", "a+b", "http://h/a%2Bb"},
      {"http://h/a%23b%3Fc", "a#b?c", ""},
      {"http://h/a%2fb/c", std::string("a\0b/c", 5), "http://h/a%2Fb/c"},
      {"http://h//a//b/", "/a//b/", ""},
      {"http://h/a/../b", "a/../b", ""},
      {"http://[::1]:80/x", "x", ""},
      {"http://h", "", ""},
      {"http://h/", "", "http://h"},
  };
  for (const WebCase& expected : cases) {
    INFO(expected.text);
    const Url url = Url::parse(expected.text);
    CHECK(url.path().string() == expected.path);
    CHECK(url.string() == (expected.encoded.empty() ? expected.text : expected.encoded));
    CHECK(Url::parse(url.string()) == url);
  }
}

TEST_CASE("a web address keeps its query beside the path", "[url]") {
  const Url url = Url::parse("https://h/d/f?X-Amz-Signature=a%2Fb&x=1 2\u00fc");
  CHECK(url.path() == Path("d/f"));
  CHECK(url.query() == "X-Amz-Signature=a%2Fb&x=1%202%C3%BC");
  CHECK(url.string() == "https://h/d/f?X-Amz-Signature=a%2Fb&x=1%202%C3%BC");
  CHECK(Url::parse(url.string()) == url);
  CHECK((url / "g").string() == "https://h/d/f/g?X-Amz-Signature=a%2Fb&x=1%202%C3%BC");
  CHECK(Url::parse("http://h?x=1").string() == "http://h/?x=1");
  CHECK(Url::parse("s3://b/k?x=1").query().empty());
}

TEST_CASE("what no web server would get is refused in a web address", "[url]") {
  CHECK(contains(refusal("http://h/a#b"), "write %23"));
  CHECK(contains(refusal("http://h/a?x#b"), "never sent to a server"));
  CHECK(contains(refusal("http://h/a%00b"), "%00"));
  CHECK(contains(refusal("http://h:port/a"), "port"));
  CHECK(contains(refusal("http://h:70000/a"), "port"));
  CHECK(contains(refusal("http://h%41/a"), "no name of a host"));
  CHECK(contains(refusal("http://m\u00fcller.example/a"), "xn--"));
  CHECK(contains(refusal("http://:80/a"), "no name of a host"));
}

TEST_CASE("a refusal of a web address shows neither password nor signature", "[url][secret]") {
  const std::string user = refusal("https://me:hunter2@h/a?sig=hunter2");
  CHECK(contains(user, "WebOptions"));
  CHECK_FALSE(contains(user, "hunter2"));
  CHECK_FALSE(contains(refusal("https://h:x/a?token=hunter2"), "hunter2"));
  CHECK_FALSE(contains(refusal("https://h/a?token=hunter2#x"), "hunter2"));
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
