// A place on a real server, seen directly and through a proxy that makes faults.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "tests/conformance/place.hpp"
#include "tests/faults/dialect.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/fault_proxy.hpp"
#include "vfs/context.hpp"
#include "vfs/file_system.hpp"

namespace cairn::faults {

using Kind = test::Fault::Kind;
using conformance::code_of;
using conformance::kMiB;
using conformance::pattern;

/// Short waits, so that a test of a stall takes no longer than it must.
[[nodiscard]] vfs::Config quick();

struct Faulty {
  explicit Faulty(vfs::Config config = quick());

  /// The whole of what the object is on the server, past the proxy.
  [[nodiscard]] std::string stored(const std::string& path = "k") const {
    return direct.files.read_text(path);
  }
  void put(const std::string& text, const std::string& path = "k") const {
    direct.files.write(path, text);
  }
  /// What a path is called in the store.
  [[nodiscard]] std::string key(const std::string& path = "k") const {
    return direct.in_store(path).string();
  }
  /// Another client of the place, through the proxy.
  [[nodiscard]] vfs::FileSystem open(vfs::Config config) const;
  /// See Dialect.
  [[nodiscard]] std::vector<std::string> pending_uploads() const {
    return dialect().pending_uploads(direct);
  }
  /// What is left for good of uploads that were given up: not what remove_stale_uploads takes away
  /// where parts are objects.
  [[nodiscard]] std::vector<std::string> abandoned_uploads() const;
  /// That request fails so, once.
  void once(const Step& step, Fault fault) { add(step, std::move(fault), 1); }
  /// That request fails so, however often it is sent.
  void always(const Step& step, Fault fault) { add(step, std::move(fault), 1000); }
  void add(const Step& step, Fault fault, int times);

  const conformance::Place direct;
  test::FaultProxy proxy;
  const vfs::FileSystem files;  ///< through the proxy
};

}  // namespace cairn::faults
