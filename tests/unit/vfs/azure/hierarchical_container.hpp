// A store on a simulated account with a hierarchical namespace, which refuses and writes down what
// no client may send.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/simulated/transport.hpp"
#include "tests/support/simulated_azure/server.hpp"
#include "vfs/azure/store.hpp"
#include "vfs/base/shared.hpp"
#include "vfs/context.hpp"
#include "vfs/file_system.hpp"
#include "vfs/powers.hpp"

namespace cairn::test {

struct HierarchicalContainer {
  explicit HierarchicalContainer(sim::azure::ServerOptions options = {.hierarchical = true})
      : server(std::make_shared<sim::azure::Server>(std::move(options))),
        network(std::make_shared<sim::SimulatedTransport>(server, clock)) {
    const sim::azure::Account& account = server->options().account;
    vfs::Services services = scripted_services(
        network, {.azure = {.account = account.name, .account_key = account.key}}, clock);
    services.shared = std::make_shared<vfs::Shared>();
    store = vfs::make_azure_store_on(vfs::Url::parse("az://bkt"), services);
  }
  ~HierarchicalContainer() { CHECK(server->violations() == std::vector<std::string>{}); }
  HierarchicalContainer(const HierarchicalContainer&) = delete;
  HierarchicalContainer& operator=(const HierarchicalContainer&) = delete;

  void add(const std::string& key, std::string_view bytes) { server->add(key, bytes, "md5"); }
  /// A directory, in which a file was.
  void add_directory(const std::string& name) {
    add(name + "/f", "x");
    store->remove(std::vector<vfs::Path>{name + "/f"}, {});
  }
  [[nodiscard]] vfs::FileSystem files() const {
    return vfs::FileSystem(store, vfs::Context::make());
  }
  /// How many of the exchanges were like this: "HEAD", "restype=account".
  [[nodiscard]] std::ptrdiff_t count(std::string_view method, std::string_view part) const {
    return std::ranges::count_if(network->log(), [&](const std::string& line) {
      return line.starts_with(method) && contains(line, part);
    });
  }

  std::shared_ptr<VirtualClock> clock = std::make_shared<VirtualClock>();
  std::shared_ptr<sim::azure::Server> server;
  std::shared_ptr<sim::SimulatedTransport> network;
  std::shared_ptr<vfs::Store> store;
};

}  // namespace cairn::test
