#include "vfs/context.hpp"

#include <mutex>
#include <utility>

#include "vfs/base/fail.hpp"
#include "vfs/base/per_process.hpp"
#include "vfs/base/services.hpp"
#include "vfs/base/text.hpp"
#include "vfs/file_system.hpp"

namespace cairn::vfs {

struct Context::State {
  Registry registry{};
  Services services{};
  struct Stores {
    std::mutex mutex{};
    std::map<std::pair<std::string, std::string>, std::shared_ptr<Store>>
        by_url{};  // guarded by mutex; scheme and authority
  };
  PerProcess<Stores> stores{};
};

namespace {

/// The factory runs without the lock: it may ask this Context for another store. Of two at once the
/// first one stays.
template <typename State>
std::shared_ptr<Store> store_of(State& state, const StoreFactory& factory, const Url& url,
                                Context& context) {
  // A query may be good for one file, or for an hour: nobody else gets it.
  if (!url.query().empty()) return factory(url.with_path({}), context);
  const std::pair key(url.scheme(), url.authority());
  auto& stores = state.stores.get();
  {
    const std::lock_guard lock(stores.mutex);
    if (const auto found = stores.by_url.find(key); found != stores.by_url.end()) {
      return found->second;
    }
  }
  auto store = factory(url.with_path({}), context);
  const std::lock_guard lock(stores.mutex);
  return stores.by_url.try_emplace(key, std::move(store)).first->second;
}

}  // namespace

Context::Context(std::unique_ptr<State> state) : state_(std::move(state)) {}
Context::~Context() = default;

std::shared_ptr<Context> Context::make(Config config, Registry registry) {
  auto state = std::make_unique<State>();
  state->registry = std::move(registry);
  state->services = make_services(std::move(config));
  return std::shared_ptr<Context>(new Context(std::move(state)));
}

const std::shared_ptr<Context>& Context::standard() {
  static const auto* const context = new std::shared_ptr<Context>(make());
  return *context;
}

Location Context::resolve(std::string_view url) {
  return resolve(Url::parse(url));
}

Location Context::resolve(const Url& as_written) {
  const Url url = state_->registry.canonical(as_written);
  const StoreFactory* factory = state_->registry.find(url.scheme());
  if (factory == nullptr) {
    const auto known = state_->registry.schemes();
    const std::string near = nearest(url.scheme(), known);
    fail(ErrorCode::invalid_argument, "open", url.string(),
         "unknown scheme '" + url.scheme() + "'; known are " + join(known, ", "),
         near.empty() ? std::string() : "did you mean " + near + ":?");
  }
  return {FileSystem(store_of(*state_, *factory, url, *this), shared_from_this()), url.path()};
}

const Config& Context::config() const noexcept {
  return state_->services.config;
}
Services& Context::services() noexcept {
  return state_->services;
}

}  // namespace cairn::vfs
