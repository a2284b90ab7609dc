#include "tests/conformance/place.hpp"
#include "tests/support/catch.hpp"

using namespace cairn::vfs;
using namespace cairn::conformance;

namespace {

/// Written, read, listed, found and removed under exactly that name.
void check_name(const Place& place, const std::string& name) {
  CAPTURE(name);
  place.files.write("d/" + name, name);
  CHECK(place.files.read_text("d/" + name) == name);
  CHECK(place.files.stat("d/" + name)->size == name.size());
  const auto entries = place.files.list("d", {.recursive = true});
  if (name.starts_with('.') && server_has(Fault::hidden_names)) {
    CHECK(entries.empty());
  } else {
    REQUIRE(entries.size() == 1);
    CHECK(entries.front().path.string() == "d/" + name);
  }
  place.files.remove("d/" + name);
  CHECK_FALSE(place.files.exists("d/" + name));
}

void check_names(std::initializer_list<std::string> all) {
  const Place place;
  for (const std::string& name : all) check_name(place, name);
}

}  // namespace

TEST_CASE("names with spaces", "[conformance][names]") {
  check_names({"a b", " a", "a ", "a  b", " "});
}

TEST_CASE("names with the punctuation of URLs", "[conformance][names]") {
  check_names({"a+b", "a?b", "a#b", "a&b=c", "a;b", "a:b", "a@b", "a!b", "a$b", "a,b", "a~b",
               "a(b)", "a'b", "a=b"});
}

TEST_CASE("names with percent signs", "[conformance][names]") {
  check_names({"%", "100%", "a%20b", "a%2Fb", "%%", "a%zz", "%E4"});
}

TEST_CASE("names with the characters of XML", "[conformance][names]") {
  check_names({"a<b>c", "a&amp;b", "a\"b\"", "]]>", "<!-- -->", "&#10;"});
}

TEST_CASE("names with the characters of patterns and shells", "[conformance][names]") {
  check_names({"a*b", "[a]", "{a,b}", "a|b", "a^b", "a`b`", "$(a)", "~"});
}

TEST_CASE("names with a backslash", "[conformance][names]") {
  if (server_has(Fault::backslashes_folded)) {
    const Place place;
    place.files.write("d/a\\b", "x");
    CHECK(names(place.files.list("d", {.recursive = true})) == Names{"d/a/b"});
    return;
  }
  check_names({"a\\b"});
}

TEST_CASE("names in many scripts", "[conformance][names]") {
  check_names({"grüße", "данные", "数据", "日本語.ckpt", "مرحبا", "🪨🏔", "naïve", "e\u0301"});
}

TEST_CASE("two ways to write one letter are two names", "[conformance][names]") {
  const Place place;
  place.files.write("\u00e9", "composed");
  place.files.write("e\u0301", "decomposed");
  CHECK(place.files.read_text("\u00e9") == "composed");
  CHECK(place.files.read_text("e\u0301") == "decomposed");
}

TEST_CASE("large and small letters are two names", "[conformance][names]") {
  const Place place;
  place.files.write("Model", "large");
  place.files.write("model", "small");
  CHECK(place.files.read_text("Model") == "large");
  CHECK(place.files.read_text("model") == "small");
}

TEST_CASE("names that begin with a dot or a dash", "[conformance][names]") {
  check_names({".hidden", "..hidden", "...", "-", "--help", ".a/.b"});
}

TEST_CASE("the names that checkpoints have", "[conformance][names]") {
  check_names({"epoch=01-step=000120-val_loss=0.12.ckpt", "last.ckpt",
               "lightning_logs/version_0/metrics.csv"});
}

TEST_CASE("a long name and a deep one", "[conformance][names]") {
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += "level" + std::to_string(i) + "/";
  check_names({std::string(250, 'n'), deep + "f"});
}

TEST_CASE("names with control characters", "[conformance][names]") {
  check_names({"a\tb", "a\nb", "a\x7f"});
}

TEST_CASE("empty segments are part of a key where there are no directories",
          "[conformance][names]") {
  const Place place;
  if (place.can.directories) return;
  if (server_has(Fault::empty_segments_refused)) {
    CHECK(code_of([&] { place.files.write("a//b", "x"); }) == ErrorCode::invalid_argument);
    return;
  }
  if (server_has(Fault::empty_segments_folded)) {
    place.files.write("e//f", "two");
    CHECK(place.files.read_text("e/f") == "two");
    return;
  }
  check_name(place, "a//b");
  place.files.write("e//f", "two");
  place.files.write("e/f", "one");
  CHECK(place.files.read_text("e//f") == "two");
  CHECK(place.files.read_text("e/f") == "one");
}

TEST_CASE("odd names survive a parallel upload and a listing by prefix", "[conformance][names]") {
  const Place place;
  const std::string name = "a b/ü+%41&c.ckpt";
  const std::string text = pattern(20 * kMiB);
  place.files.write(name, text);
  CHECK((place.files.read_text(name) == text));
  CHECK(names(place.files.list("a b")) == Names{name});
}
