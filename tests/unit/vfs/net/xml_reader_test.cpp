// XML that is read without a tree. What a document means is XML 1.0's.
#include "vfs/net/xml_reader.hpp"

#include <optional>
#include <string>
#include <string_view>

#include "tests/support/catch.hpp"

namespace {

using cairn::vfs::net::XmlReader;

/// "a(b=text c())": the elements of a document, and the texts of those that are called "t".
void describe(XmlReader& xml, std::string& out) {
  while (const auto name = xml.next_element()) {
    out += *name;
    if (*name == "t") {
      out.append("=").append(xml.text()).append(";");
      continue;
    }
    out += "(";
    xml.enter();
    describe(xml, out);
    out += ")";
  }
}

/// Absent: it is no document.
std::optional<std::string> description(std::string_view document) {
  XmlReader xml(document);
  std::string out;
  describe(xml, out);
  return xml.finish() ? std::optional(out) : std::nullopt;
}

bool skips(std::string_view document) {
  XmlReader xml(document);
  while (xml.next_element()) {
  }
  return xml.finish();
}

TEST_CASE("elements come in order, with their texts", "[net][xml]") {
  CHECK(description(
            "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n"
            "<list a='>'>\n  <t>1</t> <e/><f ></f >\n<g><t >two</t ></g><!-- <h> --></list>\n") ==
        "list(t=1;e()f()g(t=two;))");
}

TEST_CASE("elements that nobody takes are passed over", "[net][xml]") {
  XmlReader xml("<a><b x='1'><t>no</t><c/><![CDATA[</b>]]><!-- </b> --></b><t>yes</t><d>x</d></a>");
  std::string taken;
  while (xml.next_element()) {
    xml.enter();
    while (const auto name = xml.next_element()) {
      if (*name == "t") taken += xml.text();
    }
  }
  CHECK(xml.finish());
  CHECK(taken == "yes");
}

TEST_CASE("a text is what its entities and sections stand for", "[net][xml]") {
  CHECK(description("<t>a&amp;b &lt;c&gt; &quot;&apos;&#233;&#x20AC;&#x1D11E;</t>") ==
        "t=a&b <c> \"'\xc3\xa9\xe2\x82\xac\xf0\x9d\x84\x9e;");
  CHECK(description("<t>1<!-- 2 -->3<![CDATA[<&amp;]]>4</t>") == "t=13<&amp;4;");
  CHECK(description("<t> a \r\nb\rc&#13;</t>") == "t= a \nb\nc\r;");
  CHECK(description("<t/>") == "t=;");
  CHECK(description("<t></t>") == "t=;");
}

TEST_CASE("an entity that XML does not define stays as it is", "[net][xml]") {
  CHECK(description("<t>&file;&nbsp;&#xD800;&#0;&#x110000;& &</t>") ==
        "t=&file;&nbsp;&#xD800;&#0;&#x110000;& &;");
}

TEST_CASE("attributes are told as they are written", "[net][xml]") {
  XmlReader xml("<a  b = 'x \"y\"'\n c=\"1>2\" d=\"\"/>");
  REQUIRE(xml.next_element() == "a");
  CHECK(xml.attribute("b") == "x \"y\"");
  CHECK(xml.attribute("c") == "1>2");
  CHECK(xml.attribute("d").empty());
  CHECK(xml.attribute("e").empty());
  CHECK_FALSE(xml.next_element());
  CHECK(xml.finish());
}

TEST_CASE("what is no document is refused", "[net][xml]") {
  for (const char* bad : {"",
                          "   ",
                          "text",
                          "<a>",
                          "<a",
                          "<",
                          "<a></b>",
                          "<a></ab>",
                          "</a>",
                          "<a/><b/>",
                          "<a/>x",
                          "x<a/>",
                          "<a><b></a></b>",
                          "<a><!-- </a>",
                          "<a><![CDATA[</a>",
                          "<a></a",
                          "<a b='></a>",
                          "<></>",
                          "<a/></a>",
                          "<![CDATA[x]]>",
                          "<a><b <c/></a>",
                          "{}"}) {
    CAPTURE(bad);
    CHECK_FALSE(skips(bad));
  }
}

TEST_CASE("document types and instructions are refused", "[net][xml]") {
  for (const char* bad : {"<!DOCTYPE l [<!ENTITY a \"aaaa\">]><l>&a;</l>", "<a><!ELEMENT b></a>",
                          "<a><?php x ?></a>", "<?xml version=\"1.0\"?><?xml-stylesheet x?><a/>"}) {
    CAPTURE(bad);
    CHECK_FALSE(skips(bad));
  }
}

TEST_CASE("bytes that XML can't hold are refused", "[net][xml]") {
  CHECK(skips("<a>\xc3\xa9</a>"));
  for (const std::string bad : {"<a>\xff</a>", "<a>\x01</a>", "<a>\xed\xa0\x80</a>"}) {
    CHECK_FALSE(skips(bad));
  }
}

TEST_CASE("a document that is cut short anywhere is refused", "[net][xml]") {
  const std::string whole = "<?xml version=\"1.0\"?><a><t x='1'>1&amp;</t><b/><!--c--></a>";
  CHECK(description(whole) == "a(t=1&;b())");
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CHECK_FALSE(description(std::string_view(whole).substr(0, length)));
  }
}

TEST_CASE("an element where text is due ends the reading", "[net][xml]") {
  XmlReader xml("<a><t>1<b/></t><c/></a>");
  CHECK(xml.next_element() == "a");
  xml.enter();
  CHECK(xml.next_element() == "t");
  CHECK(xml.text().empty());
  CHECK_FALSE(xml.next_element());
  CHECK_FALSE(xml.finish());
}

TEST_CASE("32 elements in each other are read, more are refused", "[net][xml]") {
  const auto nested = [](std::size_t depth) {
    std::string text;
    for (std::size_t i = 0; i < depth; ++i) text += "<a>";
    for (std::size_t i = 0; i < depth; ++i) text += "</a>";
    return text;
  };
  CHECK(skips(nested(32)));
  CHECK_FALSE(skips(nested(33)));
  CHECK_FALSE(skips(nested(100'000)));
}

TEST_CASE("a document that is longer than 16 MiB is refused", "[net][xml]") {
  const auto filled = [](std::size_t size) { return "<a>" + std::string(size - 7, 'x') + "</a>"; };
  CHECK(skips(filled(16U << 20U)));
  CHECK_FALSE(skips(filled((16U << 20U) + 1)));
}

}  // namespace
