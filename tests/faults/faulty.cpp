#include "tests/faults/faulty.hpp"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

#include "vfs/base/services.hpp"
#include "vfs/s3/connection.hpp"
#include "vfs/s3/requests.hpp"

namespace cairn::faults {
namespace {

vfs::Config through(vfs::Config config, const test::FaultProxy& proxy) {
  config.s3.endpoint_url = proxy.url();
  return config;
}

}  // namespace

vfs::Config quick() {
  using std::chrono::milliseconds;
  return {.retry = {.base_delay = milliseconds{1}, .max_delay = milliseconds{20}},
          .http = {.stall_timeout = milliseconds{400}, .commit_timeout = milliseconds{5000}}};
}

int server_port() {
  const char* url = std::getenv("AWS_ENDPOINT_URL");
  if (url == nullptr) throw std::runtime_error("AWS_ENDPOINT_URL is not set: the server to test");
  return std::stoi(std::string(url).substr(std::string(url).rfind(':') + 1));
}

Faulty::Faulty(vfs::Config config)
    : proxy(server_port()),
      files(vfs::FileSystem::open(direct.url, through(std::move(config), proxy))) {}

std::string Faulty::server_date() const {
  const vfs::Url url = vfs::Url::parse(direct.url);
  vfs::s3::Connection connection("s3", url.authority(), direct.files.context().services());
  const auto response = connection.require(
      {.operation = "list", .target = vfs::s3::list_target({}, {.page_size = 1})}, {});
  return std::string(response.headers.get("date"));
}

std::vector<std::string> Faulty::pending_uploads() const {
  const vfs::Url url = vfs::Url::parse(direct.url);
  vfs::s3::Connection connection("s3", url.authority(), direct.files.context().services());
  const auto response = connection.require(
      {.operation = "list_uploads", .target = vfs::s3::target({}, {{"uploads", ""}})}, {});
  std::vector<std::string> keys;
  for (std::size_t at = 0; (at = response.body.find("<Upload>", at)) != std::string::npos; ++at) {
    const std::size_t begin = response.body.find("<Key>", at) + 5;
    std::string key = response.body.substr(begin, response.body.find('<', begin) - begin);
    if (key.starts_with(url.path().string())) keys.push_back(std::move(key));
  }
  std::ranges::sort(keys);
  return keys;
}

}  // namespace cairn::faults
