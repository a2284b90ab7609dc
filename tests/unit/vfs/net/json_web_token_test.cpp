#include "vfs/net/json_web_token.hpp"

#include <string>

#include "tests/support/catch.hpp"
#include "tests/support/rsa_key.hpp"

namespace {

using namespace cairn;
using nlohmann::json;
using test::decode_base64_url;

TEST_CASE("a JSON web token is signed as RFC 7515 says", "[net][jwt]") {
  const auto key = vfs::crypto::RsaKey::parse(test::rsa_key_pair().pem());
  const json claims{{"iss", "me@example.com"}, {"exp", 1'770'000'000}};

  const vfs::Secret token = vfs::net::sign_json_web_token(*key, {{"kid", "17"}}, claims);

  const std::string& text = token.reveal();
  const std::size_t first = text.find('.');
  const std::size_t last = text.rfind('.');
  REQUIRE(first != last);
  CHECK(json::parse(decode_base64_url(text.substr(0, first))) ==
        json{{"alg", "RS256"}, {"kid", "17"}, {"typ", "JWT"}});
  CHECK(json::parse(decode_base64_url(text.substr(first + 1, last - first - 1))) == claims);
  CHECK(test::rsa_key_pair().verifies(text.substr(0, last),
                                      decode_base64_url(text.substr(last + 1))));
}

}  // namespace
