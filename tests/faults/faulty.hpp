// A place on a real server, seen directly and through a proxy that makes faults.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "tests/conformance/place.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fault_proxy.hpp"
#include "vfs/context.hpp"
#include "vfs/file_system.hpp"

namespace cairn::faults {

using test::Fault;
using Kind = test::Fault::Kind;
using conformance::code_of;
using conformance::kMiB;
using conformance::pattern;

/// Short waits, so that a test of a stall takes no longer than it must.
[[nodiscard]] vfs::Config quick();
/// The port of the server under test, from AWS_ENDPOINT_URL.
[[nodiscard]] int server_port();

struct Faulty {
  explicit Faulty(vfs::Config config = quick());

  /// The whole of what the object is on the server, past the proxy.
  [[nodiscard]] std::string stored(const std::string& path = "k") const {
    return direct.files.read_text(path);
  }
  void put(const std::string& text, const std::string& path = "k") const {
    direct.files.write(path, text);
  }
  /// The server's clock, as it tells it.
  [[nodiscard]] std::string server_date() const;
  /// The keys of all uploads that were started here and neither completed nor aborted.
  [[nodiscard]] std::vector<std::string> pending_uploads() const;
  /// The only request with this method (and part of a target) fails so, once.
  void once(std::string method, std::string target, Fault fault, int skip = 0) {
    proxy.add({.method = std::move(method),
               .target = std::move(target),
               .fault = std::move(fault),
               .skip = skip});
  }

  const conformance::Place direct;
  test::FaultProxy proxy;
  const vfs::FileSystem files;  ///< through the proxy
};

}  // namespace cairn::faults
