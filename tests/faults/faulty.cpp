#include "tests/faults/faulty.hpp"

#include <chrono>
#include <stdexcept>
#include <utility>

namespace cairn::faults {
namespace {

int server_port() {
  const std::string url = dialect().server_url();
  const std::size_t colon = url.find(':', url.find("://") + 3);
  if (colon == std::string::npos) throw std::runtime_error("the server's URL names no port");
  return std::stoi(url.substr(colon + 1));
}

}  // namespace

vfs::Config quick() {
  using std::chrono::milliseconds;
  // The emulators of the other clouds take a while for a large body before they answer.
  const bool slow = &dialect() != &s3_dialect();
  return {.retry = {.base_delay = milliseconds{1}, .max_delay = milliseconds{20}},
          .http = {.stall_timeout = milliseconds{slow ? 1000 : 400},
                   .commit_timeout = milliseconds{5000}}};
}

Faulty::Faulty(vfs::Config config) : proxy(server_port()), files(open(std::move(config))) {
  dialect().teach(files);
  proxy.forget_requests();
}

vfs::FileSystem Faulty::open(vfs::Config config) const {
  return vfs::FileSystem::open(direct.url, dialect().through(std::move(config), proxy.url()));
}

std::vector<std::string> Faulty::abandoned_uploads() const {
  // A part whose request was cut off may arrive after the others were removed. Parts that are
  // objects stand in the folder of their file: it is that which is swept.
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  std::vector<std::string> left = pending_uploads();
  while (!left.empty() && dialect().parts_are_objects() && std::chrono::steady_clock::now() < end) {
    static_cast<void>(direct.files.remove_stale_uploads("", std::chrono::seconds(0)));
    left = pending_uploads();
  }
  return left;
}

void Faulty::add(const Step& step, Fault fault, int times) {
  proxy.add({.method = step.method,
             .target = step.target,
             .without = step.without,
             .fault = std::move(fault),
             .skip = step.skip,
             .times = times});
}

}  // namespace cairn::faults
