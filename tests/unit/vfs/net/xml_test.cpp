#include "vfs/net/xml.hpp"

#include <string>
#include <string_view>
#include <utility>

#include <sys/resource.h>

#include "tests/support/catch.hpp"

namespace {

using cairn::vfs::net::XmlDocument;

TEST_CASE("a document with a document type is refused", "[net]") {
  const std::string bomb = "<!DOCTYPE l [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><l>&b;</l>";
  CHECK_FALSE(XmlDocument::parse(bomb).has_value());
}

TEST_CASE("an entity that XML does not define is not expanded", "[net]") {
  const auto document = XmlDocument::parse("<a>&file;&lt;&#34;</a>");
  REQUIRE(document.has_value());
  CHECK(std::string(document->root().text().get()) == "&file;<\"");
}

TEST_CASE("white space before a document is passed over", "[net]") {
  const auto document = XmlDocument::parse("\n  \n<?xml version=\"1.0\"?><Result/>");
  REQUIRE(document.has_value());
  CHECK(document->root_name() == "Result");
}

TEST_CASE("what is not XML is refused", "[net]") {
  for (const char* bad : {"", "   ", "<a>", "<a></b>", "not found", "{}"}) {
    CHECK_FALSE(XmlDocument::parse(bad).has_value());
  }
}

/// How much more memory the process has ever held after the call than before.
template <class Call>
long growth_in_kib(Call call) {
  rusage before{};
  rusage after{};
  getrusage(RUSAGE_SELF, &before);
  call();
  getrusage(RUSAGE_SELF, &after);
  return after.ru_maxrss - before.ru_maxrss;
}

std::string repeated(std::string_view part, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += part;
  return text;
}

TEST_CASE("elements may nest 32 deep, and no deeper", "[net][hostile]") {
  const auto nested = [](int depth) { return repeated("<a>", depth) + repeated("</a>", depth); };
  CHECK(XmlDocument::parse(nested(32)).has_value());
  CHECK_FALSE(XmlDocument::parse(nested(33)).has_value());
  CHECK(XmlDocument::parse("<a>" + repeated("<b><c/></b>", 1000) + "</a>").has_value());
}

TEST_CASE("a tag that only looks as if it ended counts for the depth", "[net][hostile]") {
  const auto sly = [](int depth) {
    return repeated("<a b='/>'>", depth) + repeated("</a>", depth);
  };
  CHECK(XmlDocument::parse(sly(32)).has_value());
  CHECK_FALSE(XmlDocument::parse(sly(33)).has_value());
}

TEST_CASE("a tree that would be large is refused before it is built", "[net][hostile]") {
  for (const char* part : {"<a>", "<a/>", "<a b=''/>", "<![CDATA[]]>"}) {
    INFO(part);
    std::string text = "<r>" + repeated(part, 1'000'000) + "</r>";
    const long growth =
        growth_in_kib([&] { CHECK_FALSE(XmlDocument::parse(std::move(text)).has_value()); });
    CHECK(growth < 8L * 1024);
  }
  std::string attributes = "<r";
  for (int i = 0; i < 1'000'000; ++i) attributes += " a=''";
  CHECK_FALSE(XmlDocument::parse(attributes + "/>").has_value());
}

TEST_CASE("processing instructions are refused, the declaration is not", "[net][hostile]") {
  CHECK(XmlDocument::parse("<?xml version='1.0' encoding='UTF-8'?>\n<a/>").has_value());
  for (const char* bad : {"<?php x?><a/>", "<a><?xml-stylesheet href='x'?></a>",
                          "<a/><?xml version='1.0'?>", "<?xml-stylesheet href='x'?><a/>"}) {
    INFO(bad);
    CHECK_FALSE(XmlDocument::parse(bad).has_value());
  }
}

TEST_CASE("a document type is refused wherever it stands", "[net][hostile]") {
  for (const char* bad : {"<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "<a><!ENTITY b 'c'></a>",
                          "<!-- x --><!DOCTYPE a><a/>", "<!doctype a><a/>"}) {
    INFO(bad);
    CHECK_FALSE(XmlDocument::parse(bad).has_value());
  }
  CHECK(XmlDocument::parse("<a><!-- <!DOCTYPE b> --><![CDATA[<!DOCTYPE b>]]></a>").has_value());
}

// The sequences are those of RFC 3629 and of the Unicode standard, table 3-7.
TEST_CASE("characters that XML forbids and broken UTF-8 are refused", "[net][hostile]") {
  using namespace std::string_literals;
  for (const std::string& bad :
       {"\0"s, "\x01"s, "\x08"s, "\x0b"s, "\x1f"s, "\x80"s, "\xc0\xaf"s, "\xc3"s, "\xe0\x80\xaf"s,
        "\xed\xa0\x80"s, "\xf4\x90\x80\x80"s, "\xf8\x88\x80\x80\x80"s, "\xff"s}) {
    CHECK_FALSE(XmlDocument::parse("<a>12345678" + bad + "</a>").has_value());
  }
  for (const std::string& good : {"\t\r\n"s, "\x7f"s, "\xc3\xa9"s, "\xe2\x82\xac"s,
                                  "\xf0\x9f\xaa\xa8"s, "\xf4\x8f\xbf\xbf"s}) {
    CHECK(XmlDocument::parse("<a>12345678" + good + "</a>").has_value());
  }
}

TEST_CASE("a document over 16 MiB is refused", "[net]") {
  CHECK_FALSE(XmlDocument::parse("<a>" + std::string(17U << 20U, 'x') + "</a>").has_value());
}

TEST_CASE("a namespace prefix does not hide the name", "[net]") {
  CHECK(XmlDocument::parse("<s3:Error xmlns:s3='u'/>")->root_name() == "Error");
}

}  // namespace
