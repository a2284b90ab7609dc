#include "tests/faults/simulated/world.hpp"

#include <mutex>
#include <numeric>
#include <random>

#include "vfs/base/services.hpp"
#include "vfs/base/thread_pool.hpp"
#include "vfs/s3/store.hpp"

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

/// S3's smallest part is 5 MiB; with smaller ones the same code runs a thousand times as fast.
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
      network_(std::make_shared<sim::SimulatedTransport>(options.server, clock_)) {
  network_->plan().seed = options.seed;
  const auto context = Context::make(config(options));
  Services& services = context->services();
  services.clock = clock_;
  services.random = std::make_shared<SeededRandom>(options.seed);
  services.pool = std::make_shared<ThreadPool>(static_cast<std::size_t>(options.parallel) + 1);
  services.transport = network_;
  files_.emplace(std::make_shared<SmallParts>(make_s3_store_on(Url::parse("s3://bkt"), services)),
                 context);
  if (!options.rotating_credentials) return;
  network_->before_server = [this](const net::Request& request,
                                   sim::TimePoint) -> std::optional<sim::Reply> {
    if (!request.url.starts_with("http://169.254.170.2/")) return {};
    rotate_credentials();
    const sim::Account& account = server().options().account;
    return sim::Reply{.body = R"({"AccessKeyId":")" + account.access_key_id +
                              R"(","SecretAccessKey":")" + account.secret + R"(","Token":")" +
                              account.session_token + R"(","Expiration":"2099-01-01T00:00:00Z"})"};
  };
}

Config World::config(const WorldOptions& options) const {
  Config config{
      .transfer = {.parallel = options.parallel, .part_size = kPartSize, .coalesce_gap = 0},
      .s3 = {.region = "us-east-1", .endpoint_url = "http://127.0.0.1:9000"}};
  if (!options.rotating_credentials) {
    config.s3.access_key_id = options.server.account.access_key_id;
    config.s3.secret_access_key = options.server.account.secret;
  }
  config.environment = [](std::string_view name) -> std::optional<std::string> {
    if (name == "HOME") return "/nonexistent";
    if (name == "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") return "/credentials";
    return {};
  };
  return config;
}

/// The endpoint gives new ones each time; older ones are good no longer.
void World::rotate_credentials() {
  sim::Account& account = server().options().account;
  account.session_token = "token-" + std::to_string(++tokens_);
  account.expired = false;
}

void World::add(const std::string& key, std::string_view bytes, const std::string& algorithm) {
  server().put(key, sim::make_object(bytes, clock_->now(), algorithm));
}

std::optional<std::string> World::content(const std::string& key) {
  const sim::Object* object = server().find(key);
  return object == nullptr ? std::nullopt : std::optional(*object->bytes);
}

std::string World::etag(const std::string& key) {
  const sim::Object* object = server().find(key);
  return object == nullptr ? std::string{} : object->etag;
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
