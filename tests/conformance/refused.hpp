// What a user is told who is refused.
#pragma once

#include <cstdlib>
#include <string>
#include <string_view>

#include "tests/conformance/place.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/error_of.hpp"

namespace cairn::conformance {

[[nodiscard]] inline bool is_at(const Place& place, std::string_view scheme) {
  return place.url.starts_with(std::string(scheme) + "://");
}

[[nodiscard]] inline std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

/// Of AZURE_STORAGE_CONNECTION_STRING: "AccountName", "AccountKey", "BlobEndpoint".
[[nodiscard]] inline std::string connection_part(const std::string& name) {
  const std::string text = ";" + variable("AZURE_STORAGE_CONNECTION_STRING");
  const std::size_t at = text.find(";" + name + "=");
  if (at == std::string::npos) return {};
  const std::size_t begin = at + name.size() + 2;
  return text.substr(begin, text.find(';', begin) - begin);
}

/// What reading a file of the URL ends with.
[[nodiscard]] inline vfs::Error error_of(const std::string& url, vfs::Config config) {
  config.retry = {.max_attempts = 2, .base_delay = std::chrono::milliseconds{1}};
  return test::error_of(
      [&] { static_cast<void>(vfs::FileSystem::open(url, std::move(config)).read("k")); });
}

/// It has that code and a hint with these words, names operation and URL, and shows none of our
/// secrets.
inline void check_error(const vfs::Error& error, vfs::ErrorCode code, const std::string& hint) {
  INFO(error.what());
  CHECK(error.code() == code);
  CHECK(contains(error.details().hint, hint));
  CHECK_FALSE(error.details().operation.empty());
  CHECK_FALSE(error.details().url.empty());
  CHECK(contains(error.what(), error.details().operation + " " + error.details().url));
  for (const std::string& secret :
       {variable("AWS_SECRET_ACCESS_KEY"), variable("CAIRN_TEST_OTHER_SECRET_ACCESS_KEY"),
        connection_part("AccountKey")}) {
    CHECK((secret.empty() || !contains(error.what(), secret)));
  }
}

}  // namespace cairn::conformance
