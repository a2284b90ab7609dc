#include "vfs/http/listing.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "tests/support/catch.hpp"

using namespace cairn::vfs;
using namespace cairn::vfs::http;

namespace {

constexpr const char* kFolder = "http://127.0.0.1:8080/pub/";

using Names = std::vector<std::string>;

std::string page(const std::string& name) {
  std::ifstream file(CAIRN_TEST_DATA "/http/pages/" + name);
  std::ostringstream text;
  text << file.rdbuf();
  REQUIRE_FALSE(text.str().empty());
  return text.str();
}

Names names(const Entries& entries) {
  Names out;
  for (const FileInfo& info : entries) {
    CHECK((info.type == FileType::directory) == info.path.has_trailing_slash());
    out.push_back(info.path.string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

Names in_html(const std::string& text) {
  return names(parse_html(kFolder, text));
}

const FileInfo& entry(const Entries& entries, const std::string& name) {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const FileInfo& info) { return info.path.string() == name; });
  REQUIRE(found != entries.end());
  return *found;
}

/// What the folder held when the servers were asked.
const Names kPub{
    "a b&c<d>.txt",
    "a%20b",
    "a-very-long-name-" + std::string(60, 'x') + ".bin",
    "a:b",
    "gr\u00fc\u00dfe.txt",
    "it's \"q\" #1?.txt",
    "sub/",
};

TimePoint at(int hour, int minute, int second) {
  return std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} + std::chrono::hours{hour} +
         std::chrono::minutes{minute} + std::chrono::seconds{second};
}

}  // namespace

TEST_CASE("the index page of each server has the same names", "[http][listing]") {
  for (const char* server : {"nginx", "apache", "lighttpd", "python"}) {
    INFO(server);
    CHECK(in_html(page(std::string(server) + ".html")) == kPub);
  }
  CHECK(in_html(page("iis.html")) == Names{"a b&c.txt", "sub/"});
}

TEST_CASE("nginx's page gives exact sizes, and times to the minute", "[http][listing]") {
  const Entries entries = parse_html(kFolder, page("nginx.html"));
  CHECK(entry(entries, "a b&c<d>.txt").size == 5);
  CHECK(entry(entries, "a%20b").size == 1);
  CHECK(entry(entries, kPub[2]).size == 0);
  CHECK(entry(entries, "a%20b").modified == at(12, 40, 0));
  CHECK(entry(entries, "sub/").modified == at(12, 40, 0));
}

TEST_CASE("rounded sizes and times without a zone are not taken", "[http][listing]") {
  for (const char* server : {"apache", "lighttpd", "iis"}) {
    INFO(server);
    for (const FileInfo& info : parse_html(kFolder, page(std::string(server) + ".html"))) {
      CHECK(info.size == 0);
      CHECK(info.modified == TimePoint{});
    }
  }
}

TEST_CASE("nginx's JSON has names, sizes and times", "[http][listing]") {
  const auto entries = parse_json(page("nginx.json"));
  REQUIRE(entries);
  CHECK(names(*entries) == kPub);
  CHECK(entry(*entries, "gr\u00fc\u00dfe.txt").size == 5);
  CHECK(entry(*entries, "gr\u00fc\u00dfe.txt").modified == at(12, 40, 47));
}

TEST_CASE("JSON that is no list of files is told from one", "[http][listing]") {
  CHECK_FALSE(parse_json(R"({"name":"a"})"));
  CHECK_FALSE(parse_json("[1]"));
  CHECK_FALSE(parse_json("[{"));
  CHECK_FALSE(parse_json("[]},{"));
  CHECK(parse_json("[]")->empty());
  CHECK(parse_json(R"([{"name":".."},{"name":"a/b"},{"name":"a\u0000b"},{"name":""}])")->empty());
}

TEST_CASE("WebDAV's answer has the folder's children and not the folder", "[http][listing]") {
  const auto nginx = parse_multistatus("http://h/data/x/", page("nginx_dav.xml"));
  REQUIRE(nginx);
  CHECK(names(*nginx) == Names{"a\nb", "a b&<\u00fc%20.txt"});
  CHECK(entry(*nginx, "a\nb").size == 5);

  const auto apache = parse_multistatus("http://h/dav/", page("apache_dav.xml"));
  REQUIRE(apache);
  CHECK(names(*apache) == Names{"a"});
  CHECK(entry(*apache, "a").size == 3);
  CHECK(entry(*apache, "a").etag == "\"3-661052de1e118\"");
  CHECK(entry(*apache, "a").modified == at(12, 52, 12));
}

TEST_CASE("WebDAV may name another host, as servers behind a proxy do", "[http][listing]") {
  const std::string text =
      "<multistatus xmlns=\"DAV:\"><response><href>http://inner:1/d/</href></response><response>"
      "<href>http://inner:1/d/sub</href><propstat><prop><resourcetype><collection/></resourcetype>"
      "</prop><status>HTTP/1.1 200 OK</status></propstat></response></multistatus>";
  CHECK(names(*parse_multistatus("https://outer/d/", text)) == Names{"sub/"});
}

TEST_CASE("a property with another status than 200 says nothing", "[http][listing]") {
  const std::string text =
      "<D:multistatus xmlns:D=\"DAV:\"><D:response><D:href>/d/f</D:href><D:propstat><D:prop>"
      "<D:getcontentlength>7</D:getcontentlength></D:prop><D:status>HTTP/1.1 404 Not Found"
      "</D:status></D:propstat></D:response></D:multistatus>";
  CHECK(parse_multistatus("http://h/d/", text)->front().size == 0);
  CHECK_FALSE(parse_multistatus("http://h/d/", "<html></html>"));
  CHECK_FALSE(parse_multistatus("http://h/d/", "<multistatus"));
}

TEST_CASE("only links to children of the folder count", "[http][listing]") {
  CHECK(in_html("<a href='../'>up</a><a href='/pub/'>here</a><a href='.'>here</a>"
                "<a href='?C=N;O=D'>sort</a><a href='#top'>top</a><a href='mailto:a@b'>mail</a>"
                "<a href='javascript:x()'>js</a><a href='/other/f'>f</a><a href='sub/deep'>d</a>"
                "<a href='http://127.0.0.1:8080/pub/own'>own</a>"
                "<a href='http://elsewhere/pub/f'>f</a><a href='https://127.0.0.1:8080/pub/f'>f</a>"
                "<a href='//elsewhere/pub/g'>g</a><a href='f?x=1'>f</a><a href=''>none</a>") ==
        Names{"own"});
}

TEST_CASE("no link leads out of the folder, however it is written", "[http][listing]") {
  CHECK(in_html("<a href='%2e%2e/'>a</a><a href='%2E%2E'>b</a><a href='..%2f..%2fetc'>c</a>"
                "<a href='%2e'>d</a><a href='./%2e%2e/x'>e</a><a href='a%00b'>f</a>"
                "<a href='sub/../..'>g</a><a href='//'>h</a><a href='/pub//etc/passwd'>i</a>") ==
        Names{std::string("..\0..\0etc", 9)});
}

TEST_CASE("attributes are found in each way of writing them", "[http][listing]") {
  CHECK(in_html("<A class=x HREF = \"one\" >1</A><a\nhref='two'\n>2</a><a href=three>3</a>"
                "<a data-href=no>x</a><a title='a > b' href=\"four\">4</a><a href=\"&#102;ive\">"
                "<a href='&#x73;ix&amp;'>6</a><a href='se ven'>7</a><a href='one'>again</a>") ==
        Names{"five", "four", "one", "se ven", "six&", "three", "two"});
}

TEST_CASE("comments, scripts and styles hold no links", "[http][listing]") {
  CHECK(in_html("<!-- <a href='x'> --><script>'<a href=\"y\">'</script><STYLE><a href=z></STYLE>"
                "<a href=f>f</a><!-- <a href=g>") == Names{"f"});
}

TEST_CASE("the base of a page counts for its links", "[http][listing]") {
  CHECK(in_html("<base href='/pub/'><a href=a>a</a>") == Names{"a"});
  CHECK(in_html("<base href='/other/'><a href=a>a</a><a href='/pub/b'>b</a>") == Names{"b"});
}

TEST_CASE("a page that is cut or senseless ends the scan", "[http][listing]") {
  CHECK(in_html("").empty());
  CHECK(in_html("<").empty());
  CHECK(in_html("<a href=").empty());
  CHECK(in_html("<a href='unended").empty());
  CHECK(in_html("plain text").empty());
  CHECK(in_html("<a href='a'>a</a><a href='b") == Names{"a"});
  CHECK(in_html("<a href='&unknown;&#xfffffff;&#0;&'>x</a>").size() <= 1);
}
