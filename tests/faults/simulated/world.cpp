#include "tests/faults/simulated/world.hpp"

#include <mutex>
#include <numeric>
#include <random>

#include "tests/support/recording_store.hpp"
#include "vfs/base/services.hpp"
#include "vfs/base/thread_pool.hpp"

namespace cairn::test {
namespace {

using namespace cairn::vfs;

class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t next() override {
    const std::lock_guard lock(mutex_);
    return engine_();
  }

 private:
  std::mutex mutex_;
  std::mt19937_64 engine_;  // guarded by mutex_
};

}  // namespace

World::World(WorldOptions options)
    : variant_(&variants()[options.cloud.variant]),
      clock_(std::make_shared<VirtualClock>()),
      cloud_(make_cloud(options.cloud)),
      service_(cloud_->service()),
      network_(std::make_shared<sim::SimulatedTransport>(service_, clock_)) {
  network_->plan().seed = options.seed;
  Config config{.transfer = {.parallel = options.parallel,
                             .part_size = variant_->part_size,
                             .coalesce_gap = 0}};
  config.retry.max_attempts = options.attempts;
  cloud_->configure(config);
  const auto context = Context::make(std::move(config));
  Services& services = context->services();
  services.clock = clock_;
  services.random = std::make_shared<SeededRandom>(options.seed);
  services.pool = std::make_shared<ThreadPool>(static_cast<std::size_t>(options.parallel) + 1);
  services.transport = network_;
  // The smallest part of S3 is 5 MiB.
  const auto store = std::make_shared<RecordingStore>(cloud_->make_store(services));
  store->limits.min_part = 1;
  store->limits.part_size = variant_->part_size;
  files_.emplace(store, context);
  network_->is_elsewhere = [this](const net::Request& request) {
    return cloud_->asks_for_credentials(request);
  };
  network_->before_service = [this](const net::Request& request,
                                    sim::TimePoint now) -> std::optional<sim::Reply> {
    if (!cloud_->asks_for_credentials(request)) return {};
    return cloud_->answer_for_credentials(request, now);
  };
}

void World::add(const std::string& key, std::string_view bytes) {
  service_->add(key, bytes, service_->checksums().front());
}

std::chrono::milliseconds World::elapsed() const {
  const auto sleeps = clock_->sleeps();
  return std::accumulate(sleeps.begin(), sleeps.end(), std::chrono::milliseconds{0});
}

std::string text_of(std::size_t size, std::uint64_t seed) {
  std::mt19937_64 engine(seed);
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>('a' + engine() % 26);
  return text;
}

}  // namespace cairn::test
