// A store on a simulated Cloud Storage, which refuses and writes down what no client may send.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/simulated/transport.hpp"
#include "tests/support/simulated_gcs/server.hpp"
#include "vfs/context.hpp"
#include "vfs/file_system.hpp"
#include "vfs/gcs/store.hpp"

namespace cairn::test {

inline constexpr const char* kBearer = "ya29.canary";

struct GcsBucket {
  explicit GcsBucket(vfs::GcsOptions options = {}, sim::gcs::Options server_options = {}) {
    server_options.min_part = 1;
    server = std::make_shared<sim::gcs::Server>(std::move(server_options));
    server->authority().trust(kBearer);
    network = std::make_shared<sim::SimulatedTransport>(server, clock);
    options.token = kBearer;
    store = vfs::make_gcs_store_on(vfs::Url::parse("gs://bkt"),
                                   scripted_services(network, {.gcs = std::move(options)}, clock));
  }
  ~GcsBucket() { CHECK(server->violations() == std::vector<std::string>{}); }
  GcsBucket(const GcsBucket&) = delete;
  GcsBucket& operator=(const GcsBucket&) = delete;

  void add(const std::string& key, std::string_view bytes) { server->add(key, bytes, "md5"); }
  /// In parts of so many bytes.
  vfs::WriteResult upload(const std::string& key, const std::string& bytes, std::size_t part,
                          const vfs::WriteOptions& options = {}) const {
    const auto upload = store->start_upload(key, options);
    std::uint32_t index = 0;
    for (std::size_t at = 0; at < bytes.size(); at += part) {
      upload->put_part(index++, std::string_view(bytes).substr(at, part), {});
    }
    return upload->commit({});
  }
  /// How many of the exchanges went to a target with this in it.
  [[nodiscard]] std::size_t count(std::string_view part) const {
    std::size_t found = 0;
    for (const std::string& line : network->log()) found += contains(line, part) ? 1 : 0;
    return found;
  }

  std::shared_ptr<VirtualClock> clock = std::make_shared<VirtualClock>();
  std::shared_ptr<sim::gcs::Server> server;
  std::shared_ptr<sim::SimulatedTransport> network;
  std::shared_ptr<vfs::Store> store;
};

}  // namespace cairn::test
