// Here and not in base/: it knows the network, which stands above base.
#include "vfs/base/services.hpp"

#include <cstdlib>

#include "vfs/base/memory_budget.hpp"
#include "vfs/base/shared.hpp"
#include "vfs/base/thread_pool.hpp"
#include "vfs/net/curl_transport.hpp"
#include "vfs/net/endpoint.hpp"

namespace cairn::vfs {
namespace {

/// Blocking work, so far more than cores: 8 transfers of 8 requests.
constexpr std::size_t kMaxThreads = 64;

std::optional<std::string> process_environment(std::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

}  // namespace

Services make_services(Config config) {
  if (!config.environment) config.environment = process_environment;
  Services services;
  services.clock = system_clock();
  services.random = system_random();
  services.pool = std::make_shared<ThreadPool>(kMaxThreads);
  services.memory = std::make_shared<MemoryBudget>(config.transfer.memory);
  services.shared = std::make_shared<Shared>();
  services.transport = net::make_curl_transport(config);
  services.endpoints =
      std::make_shared<net::Endpoints>(config.retry.tokens, config.http.max_connections);
  services.config = std::move(config);
  return services;
}

}  // namespace cairn::vfs
