#include "tests/faults/simulated/world.hpp"

#include <mutex>
#include <numeric>
#include <random>

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

/// The smallest part of S3 is 5 MiB; with smaller ones the same code runs a thousand times as fast.
class SmallParts final : public Store {
 public:
  explicit SmallParts(std::shared_ptr<Store> store)
      : store_(std::move(store)), capabilities_(store_->capabilities()) {
    capabilities_.min_part = 1;
    capabilities_.part_size = kPartSize;
  }
  const Capabilities& capabilities() const override { return capabilities_; }
  std::string url(const Path& path) const override { return store_->url(path); }
  std::optional<FileInfo> stat(const Path& path, const CallOptions& options) override {
    return store_->stat(path, options);
  }
  ReadResult read(const Path& path, std::uint64_t offset, std::span<std::byte> out,
                  const ReadOptions& options) override {
    return store_->read(path, offset, out, options);
  }
  WriteResult put(const Path& path, const Body& body, const WriteOptions& options) override {
    return store_->put(path, body, options);
  }
  std::unique_ptr<Upload> start_upload(const Path& path, const WriteOptions& options) override {
    return store_->start_upload(path, options);
  }
  ListPage list_page(const Path& prefix, const ListOptions& options) override {
    return store_->list_page(prefix, options);
  }
  std::vector<RemoveResult> remove(std::span<const Path> paths,
                                   const CallOptions& options) override {
    return store_->remove(paths, options);
  }
  WriteResult copy(const Path& from, const Path& to, const WriteOptions& options) override {
    return store_->copy(from, to, options);
  }
  WriteResult move(const Path& from, const Path& to, const WriteOptions& options) override {
    return store_->move(from, to, options);
  }

 private:
  std::shared_ptr<Store> store_;
  Capabilities capabilities_;
};

}  // namespace

World::World(WorldOptions options)
    : clock_(std::make_shared<VirtualClock>()),
      cloud_(make_cloud(options.cloud)),
      service_(cloud_->service()),
      network_(std::make_shared<sim::SimulatedTransport>(service_, clock_)) {
  network_->plan().seed = options.seed;
  Config config{
      .transfer = {.parallel = options.parallel, .part_size = kPartSize, .coalesce_gap = 0}};
  cloud_->configure(config);
  const auto context = Context::make(std::move(config));
  Services& services = context->services();
  services.clock = clock_;
  services.random = std::make_shared<SeededRandom>(options.seed);
  services.pool = std::make_shared<ThreadPool>(static_cast<std::size_t>(options.parallel) + 1);
  services.transport = network_;
  files_.emplace(std::make_shared<SmallParts>(cloud_->make_store(services)), context);
  if (!options.cloud.rotating_credentials) return;
  network_->before_service = [this](const net::Request& request, sim::TimePoint) {
    return cloud_->answer_for_credentials(request);
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
