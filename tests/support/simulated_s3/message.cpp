#include "tests/support/simulated_s3/message.hpp"

#include <algorithm>

namespace cairn::test::sim::s3 {

Call read_call(const vfs::net::Request& request) {
  Call call{read_request(request)};
  const std::string& path = call.path;
  const std::size_t end = std::min(path.find('/', 1), path.size());
  call.bucket = path.substr(std::min<std::size_t>(1, path.size()), end - 1);
  call.key = path.substr(std::min(end + 1, path.size()));
  return call;
}

Reply error_reply(int status, const std::string& code, const std::string& more) {
  return {.status = status,
          .headers = {{"Content-Type", "application/xml"}},
          .body = "<?xml version=\"1.0\"?><Error><Code>" + code +
                  "</Code><Message>simulated</Message>" + more + "</Error>"};
}

}  // namespace cairn::test::sim::s3
