#include "vfs/http/reference.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/contains.hpp"

using namespace cairn::vfs::http;

TEST_CASE("references resolve as RFC 3986 section 5.4 shows", "[http][reference]") {
  struct Example {
    const char* reference;
    const char* target;
  };
  // Section 5.4.1 and 5.4.2, of those the ones that are http and hold no fragment.
  constexpr Example kExamples[]{
      {"g", "http://a/b/c/g"},
      {"./g", "http://a/b/c/g"},
      {"g/", "http://a/b/c/g/"},
      {"/g", "http://a/g"},
      {"//g", "http://g"},
      {"?y", "http://a/b/c/d;p?y"},
      {"g?y", "http://a/b/c/g?y"},
      {";x", "http://a/b/c/;x"},
      {"g;x", "http://a/b/c/g;x"},
      {"", "http://a/b/c/d;p?q"},
      {".", "http://a/b/c/"},
      {"./", "http://a/b/c/"},
      {"..", "http://a/b/"},
      {"../", "http://a/b/"},
      {"../g", "http://a/b/g"},
      {"../..", "http://a/"},
      {"../../", "http://a/"},
      {"../../g", "http://a/g"},
      {"../../../g", "http://a/g"},
      {"/./g", "http://a/g"},
      {"/../g", "http://a/g"},
      {"g.", "http://a/b/c/g."},
      {".g", "http://a/b/c/.g"},
      {"g..", "http://a/b/c/g.."},
      {"./../g", "http://a/b/g"},
      {"./g/.", "http://a/b/c/g/"},
      {"g/./h", "http://a/b/c/g/h"},
      {"g/../h", "http://a/b/c/h"},
      {"g?y/./x", "http://a/b/c/g?y/./x"},
      {"http://x/y", "http://x/y"},
  };
  for (const Example& example : kExamples) {
    INFO(example.reference);
    CHECK(resolve("http://a/b/c/d;p?q", example.reference) == example.target);
  }
}

TEST_CASE("a fragment is left out, and stray bytes are encoded", "[http][reference]") {
  CHECK(resolve("http://a/b", "c#d") == "http://a/c");
  CHECK(resolve("http://a/b", "c d\u00fc") == "http://a/c%20d%C3%BC");
}

TEST_CASE("what is no http URL, or hides where it leads, is none", "[http][reference]") {
  for (const char* reference : {"ftp://h/x", "file:///etc/passwd", "javascript:x", "g:h", "http:",
                                "http://", "http://u:p@h/x", "http://a\\@b/", "a\r\nb", "a\tb"}) {
    INFO(reference);
    CHECK_FALSE(resolve("http://a/b", reference));
  }
}

TEST_CASE("origins are compared without case and with their ports", "[http][reference]") {
  CHECK(same_origin("http://a/x", "http://A:80/y?z"));
  CHECK(same_origin("HTTPS://a", "https://a:443"));
  CHECK(same_origin("http://[::1]", "http://[::1]:80/x"));
  CHECK_FALSE(same_origin("http://a", "https://a"));
  CHECK_FALSE(same_origin("http://a", "http://a:81"));
  CHECK_FALSE(same_origin("http://a", "http://b.a"));
  CHECK_FALSE(same_origin("x", "x"));
}

TEST_CASE("a hop from https to http is refused", "[http][reference]") {
  CHECK(next_hop("http://a/b", "https://c/d").refusal.empty());
  CHECK(next_hop("https://a/b", "/d").url == "https://a/d");
  CHECK(contains(next_hop("https://a/b", "http://a/b").refusal, "never followed"));
  CHECK(contains(next_hop("https://a/b", "HTTP://a/b").refusal, "never followed"));
  CHECK(contains(next_hop("http://a/b", "ftp://a/b").refusal, "no http or https"));
  CHECK(contains(next_hop("http://a/b", "").refusal, "where"));
}

TEST_CASE("a request is repeated elsewhere only if it stays the same", "[http][reference]") {
  for (const int status : {301, 302, 303, 307, 308}) {
    CHECK(is_redirect("GET", status));
    CHECK(is_redirect("HEAD", status));
    CHECK(is_redirect("PUT", status) == (status != 303));
    CHECK(is_redirect("DELETE", status) == (status > 303));
    CHECK(is_redirect("MOVE", status) == (status > 303));
  }
  CHECK_FALSE(is_redirect("GET", 300));
  CHECK_FALSE(is_redirect("GET", 304));
  CHECK_FALSE(is_redirect("GET", 200));
}

TEST_CASE("a slash that is added means a folder", "[http][reference]") {
  CHECK(adds_slash("http://h/a%20b", "http://other/a%20b/"));
  CHECK(adds_slash("http://h/a%2fb?q", "http://h/a%2Fb/?q"));
  CHECK_FALSE(adds_slash("http://h/a", "http://h/b/"));
  CHECK_FALSE(adds_slash("http://h/a", "http://h/a"));
  CHECK_FALSE(adds_slash("http://h/a/", "http://h/a/"));
}
