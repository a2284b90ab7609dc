#include "tests/conformance/place.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string_view>

#include "tests/support/catch.hpp"
#include "tests/support/error_of.hpp"

namespace cairn::conformance {
namespace {

struct KnownFault {
  std::string_view server;
  Fault fault;
};

// Seen with the versions that tools/servers pins.
constexpr KnownFault kFaults[]{
    {"azurite", Fault::backslashes_folded},
    {"azurite", Fault::refusals_alike},
    {"azurite", Fault::uploads_end_others},
    {"fake-gcs", Fault::compose_ignores_conditions},
    {"fake-gcs", Fault::rewrite_ignores_conditions},
    {"fake-gcs", Fault::status_ends_sessions},
    {"minio", Fault::empty_segments_refused},
    {"nginx", Fault::etag_of_seconds},
    {"nginx", Fault::hidden_names},
    {"nginx", Fault::no_etags_in_listing},
    {"versitygw", Fault::empty_segments_folded},
    {"versitygw", Fault::file_and_directory},
};

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

std::string fresh_url() {
  std::string url = variable("CAIRN_TEST_URL");
  if (url.empty()) throw std::runtime_error("CAIRN_TEST_URL is not set: the URL to test");
  std::random_device random;
  const bool joined = url.ends_with('/') || url.ends_with(':');
  return url + (joined ? "" : "/") + "case-" + std::to_string(random()) + std::to_string(random());
}

/// A web server tells what it can do when it is asked the first time.
vfs::Capabilities learnt(const vfs::FileSystem& files, const std::string& url) {
  if (url.starts_with("http")) static_cast<void>(files.store().list_page(files.in_store("/"), {}));
  return files.capabilities();
}

}  // namespace

bool server_has(Fault fault) {
  const std::string server = variable("CAIRN_TEST_SERVER");
  return std::any_of(std::begin(kFaults), std::end(kFaults), [&](const KnownFault& known) {
    return known.server == server && known.fault == fault;
  });
}

Place::Place(vfs::Config config)
    : url(fresh_url()),
      files(vfs::FileSystem::open(url, std::move(config))),
      can(learnt(files, url)) {}

Place::~Place() {
  try {
    files.remove_all("");
  } catch (const vfs::Error& error) {
    std::cerr << "left behind: " << error.what() << '\n';
  }
}

vfs::ErrorCode code_of(const std::function<void()>& call) {
  const vfs::Error error = test::error_of(call);
  INFO(error.what());
  CHECK_FALSE(error.details().url.empty());
  CHECK_FALSE(error.details().operation.empty());
  return error.code();
}

std::vector<std::string> names(const std::vector<vfs::FileInfo>& entries) {
  std::vector<std::string> out;
  for (const vfs::FileInfo& info : entries) {
    const bool directory = info.type == vfs::FileType::directory;
    CHECK(directory == info.path.has_trailing_slash());
    out.push_back(info.path.string());
  }
  return out;
}

}  // namespace cairn::conformance
