#include "vfs/azure/sign.hpp"

#include <fstream>
#include <string>

#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"

namespace {

using namespace cairn::vfs;
using nlohmann::json;

// The emulator's, as its documentation publishes them.
constexpr const char* kAccount = "devstoreaccount1";
constexpr const char* kKey =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// Written by make_vectors.py with azure-storage-blob.
json load(const char* name) {
  std::ifstream file(std::string(CAIRN_TEST_DATA) + "/azure/" + name);
  REQUIRE(file.is_open());
  return json::parse(file);
}

TEST_CASE("requests are signed as Microsoft's own client signs them", "[azure][sign]") {
  for (const json& vector : load("shared_key.json")) {
    net::Request request{.method = vector["method"], .url = vector["url"]};
    INFO(request.method + " " + request.url);
    for (const json& header : vector["headers"]) {
      request.headers.add(header[0].get<std::string>(), header[1].get<std::string>());
    }
    const std::string body(vector["length"].get<std::size_t>(), 'x');
    request.body = Body(body);

    CHECK(azure::string_to_sign(request, kAccount) == vector["text"].get<std::string>());
    CHECK(azure::shared_key_authorization(request, kAccount, kKey).reveal() ==
          vector["authorization"].get<std::string>());
  }
}

TEST_CASE("the text of Microsoft's page is what is signed", "[azure][sign]") {
  // learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key, "Get Container
  // Metadata"
  net::Request request{.url =
                           "https://myaccount.blob.core.windows.net/mycontainer?comp=metadata&"
                           "restype=container&timeout=20"};
  request.headers.set("x-ms-version", "2015-02-21");
  request.headers.set("x-ms-date", "Fri, 26 Jun 2015 23:39:12 GMT");

  CHECK(azure::string_to_sign(request, "myaccount") ==
        "GET\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:Fri, 26 Jun 2015 23:39:12 GMT\n"
        "x-ms-version:2015-02-21\n/myaccount/mycontainer\ncomp:metadata\nrestype:container\n"
        "timeout:20");
}

TEST_CASE("a range is part of what is signed", "[azure][sign]") {
  // The order of the lines is that of the same page, "Constructing the signature string".
  net::Request request{.url = "https://a.blob.core.windows.net/c/k"};
  request.headers.set("range", "bytes=0-9");

  CHECK(azure::string_to_sign(request, "a") == "GET\n\n\n\n\n\n\n\n\n\n\nbytes=0-9\n/a/c/k");
}

TEST_CASE("a name that stands twice in a query has its values in one line", "[azure][sign]") {
  // The same page: "include=snapshots&include=metadata" becomes "include:metadata,snapshots".
  const net::Request request{.url =
                                 "https://a.blob.core.windows.net/c?include=snapshots&"
                                 "include=metadata"};

  CHECK(azure::string_to_sign(request, "a").ends_with("\n/a/c\ninclude:metadata,snapshots"));
}

TEST_CASE("what is no base64 is no key", "[azure][sign]") {
  const net::Request request{.url = "https://a.blob.core.windows.net/c"};

  CHECK(azure::shared_key_authorization(request, "a", "not base64!").empty());
}

TEST_CASE("the date is written as HTTP writes dates", "[azure][sign]") {
  net::Request request;

  azure::set_date(request, TimePoint(std::chrono::seconds(784111777)));

  CHECK(request.headers.get("x-ms-date") == "Sun, 06 Nov 1994 08:49:37 GMT");  // RFC 9110, 5.6.7
}

}  // namespace
