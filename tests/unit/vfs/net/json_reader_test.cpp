// JSON that is read without a tree. What a text means, and which are none, is RFC 8259's.
#include "vfs/net/json_reader.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/catch.hpp"

namespace {

using cairn::vfs::net::JsonReader;

/// The text that a whole document is; absent: it is none.
std::optional<std::string> text_of(std::string_view document) {
  JsonReader json(document);
  const std::string text(json.text());
  return json.finish() ? std::optional(text) : std::nullopt;
}

/// Whether a value of whatever kind is passed over.
bool skips(const std::string& value) {
  const std::string document = "[" + value + "]";
  JsonReader json(document);
  json.enter_array();
  while (json.next_element()) {
  }
  return json.finish();
}

TEST_CASE("members and elements come in order", "[net][json]") {
  JsonReader json(" {\"a\" : [ \"x\" ,\n\"y\" ], \"b\":{}, \"c\":[],\"d\":\"z\"} \r\n");
  std::vector<std::string> seen;

  json.enter_object();
  while (const auto name = json.next_member()) {
    seen.emplace_back(*name);
    if (*name == "a" || *name == "c") {
      json.enter_array();
      while (json.next_element()) seen.emplace_back(json.text());
    } else if (*name == "b") {
      json.enter_object();
      CHECK_FALSE(json.next_member());
    } else {
      seen.emplace_back(json.text());
    }
  }

  CHECK(json.finish());
  CHECK(seen == std::vector<std::string>{"a", "x", "y", "b", "c", "d", "z"});
}

TEST_CASE("members that nobody takes are passed over, whatever they are", "[net][json]") {
  JsonReader json(R"({"n":-1.5e+3,"t":true,"f":false,"z":null,"o":{"k":[{},[1,"]"]]},"s":"\"}",
                      "k":"v","e":0})");
  std::map<std::string, std::string> taken;

  json.enter_object();
  while (const auto name = json.next_member()) {
    if (*name == "k") taken.emplace(*name, json.text());
  }

  CHECK(json.finish());
  CHECK(taken == std::map<std::string, std::string>{{"k", "v"}});
}

TEST_CASE("escapes are the characters that they stand for", "[net][json]") {
  CHECK(text_of(R"("\"\\\/\b\f\n\r\t")") == "\"\\/\b\f\n\r\t");
  CHECK(text_of(R"("a\u0041\u00e9\u20AC.")") == "aA\xc3\xa9\xe2\x82\xac.");
  CHECK(text_of("\"\xc3\xa9\"") == "\xc3\xa9");
  CHECK(text_of(R"("")").value().empty());
  CHECK(text_of(R"("\u0000")") == std::string(1, '\0'));
}

TEST_CASE("a pair of surrogates is one character, one alone is none", "[net][json]") {
  CHECK(text_of(R"("\uD834\udd1e")") == "\xf0\x9d\x84\x9e");  // RFC 8259 section 7
  CHECK(text_of(R"("\udbff\udfff")") == "\xf4\x8f\xbf\xbf");
  for (const char* alone : {R"("\ud834")", R"("\ud834x")", R"("\ud834\n")", R"("\ud834\ud834")",
                            R"("\udd1e")", R"("\ud834\u0041")"}) {
    CHECK_FALSE(text_of(alone));
  }
}

TEST_CASE("a name with escapes is good until the next one", "[net][json]") {
  JsonReader json(R"({"\u006bey":"v\u0061lue"})");
  json.enter_object();
  const auto name = json.next_member();
  REQUIRE(name);
  CHECK(json.text() == "value");
  CHECK(*name == "key");
}

TEST_CASE("strings that JSON has not are refused", "[net][json]") {
  for (const char* bad :
       {"\"", "\"a", "\"a\\", "\"a\\\"", R"("\x")", R"("\u12")", R"("\u12g4")", "\"a\nb\"",
        "\"a\tb\"", "\"a\x01\"", "\"\xff\"", "\"\xc3\"", "'a'", "a", ""}) {
    CHECK_FALSE(text_of(bad));
  }
  CHECK_FALSE(text_of(std::string_view("\"a\0b\"", 5)));
}

TEST_CASE("values that JSON has not are not passed over", "[net][json]") {
  for (const char* good : {"0", "-0", "10.50", "1E9", "1e-9", "true", "false", "null", "\"\\n\""}) {
    CHECK(skips(good));
  }
  for (const char* bad :
       {"01",        "-",         "+1",         ".5",       "1.",  "1e",       "1e+",
        "tru",       "nul",       "True",       "NaN",      "1 2", "1,",       ",1",
        "{\"a\"}",   "{\"a\":}",  "{\"a\":1,}", "{1:2}",    "[1",  "{\"a\":1", "}",
        "\"\\u12\"", "{\"a\" 1}", "[1}",        "{\"a\":1]"}) {
    CAPTURE(bad);
    CHECK_FALSE(skips(bad));
  }
}

TEST_CASE("whatever is cut short is refused", "[net][json]") {
  const std::string whole = R"({"a":["x",{"b":"y\u00e9"}],"c":-1.5})";
  CHECK(skips(whole));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    JsonReader json(std::string_view(whole).substr(0, length));
    json.enter_object();
    while (json.next_member()) {
    }
    CHECK_FALSE(json.finish());
  }
}

TEST_CASE("what follows a document is refused", "[net][json]") {
  CHECK(text_of("\"a\" \n"));
  CHECK_FALSE(text_of("\"a\"\"b\""));
  CHECK_FALSE(text_of("\"a\" x"));
}

TEST_CASE("a value of another kind than is asked for ends the reading", "[net][json]") {
  for (const char* value : {"1", "null", "[]", "{}"}) CHECK_FALSE(text_of(value));

  JsonReader list(R"({"items":{"a":"b"},"kind":"k"})");
  list.enter_object();
  CHECK(list.next_member() == "items");
  list.enter_array();
  CHECK_FALSE(list.next_element());
  CHECK_FALSE(list.next_member());
  CHECK(list.text().empty());
  CHECK_FALSE(list.finish());
}

TEST_CASE("32 arrays in each other are read, more are refused", "[net][json]") {
  const auto nested = [](std::size_t depth) {  // skips() adds one
    return std::string(depth - 1, '[') + std::string(depth - 1, ']');
  };
  CHECK(skips(nested(32)));
  CHECK_FALSE(skips(nested(33)));
  CHECK_FALSE(skips(std::string(100'000, '[')));
}

TEST_CASE("a text that is longer than 4 MiB is refused", "[net][json]") {
  CHECK(skips("\"" + std::string((4U << 20U) - 4, 'a') + "\""));
  CHECK_FALSE(skips("\"" + std::string((4U << 20U) - 3, 'a') + "\""));
}

}  // namespace
