#include "vfs/net/xml.hpp"

#include <string>

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

TEST_CASE("a million nested elements do no harm", "[net]") {
  std::string deep;
  for (int i = 0; i < 1'000'000; ++i) deep += "<a>";
  CHECK_FALSE(XmlDocument::parse(deep).has_value());
  for (int i = 0; i < 1'000'000; ++i) deep += "</a>";
  CHECK(XmlDocument::parse(deep).has_value());
}

TEST_CASE("a document over 16 MiB is refused", "[net]") {
  CHECK_FALSE(XmlDocument::parse("<a>" + std::string(17U << 20U, 'x') + "</a>").has_value());
}

TEST_CASE("a namespace prefix does not hide the name", "[net]") {
  CHECK(XmlDocument::parse("<s3:Error xmlns:s3='u'/>")->root_name() == "Error");
}

}  // namespace
