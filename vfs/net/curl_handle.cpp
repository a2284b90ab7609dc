#include "vfs/net/curl_handle.hpp"

#include <cstdlib>
#include <utility>

#include "vfs/net/transport.hpp"

namespace cairn::vfs::net {
namespace {

constexpr long kBuffer = 512L * 1024;           // measured best of 16 KiB … 2 MiB on loopback
constexpr long kMaxIdleConnectionSeconds = 15;  // S3 closes idle connections after 5 to 20 s
constexpr std::size_t kMaxIdleHandles = 256;

std::string variable(const Config& config, const char* name) {
  if (config.environment) return config.environment(name).value_or("");
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Thread-safe and never undone: other users of libcurl in this process may still be at work.
void initialise_curl() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

}  // namespace

CurlSettings curl_settings(const Config& config) {
  CurlSettings settings;
  settings.connect_timeout_ms = static_cast<long>(config.http.connect_timeout.count());
  settings.ca_file = config.http.ca_file;
  for (const char* name : {"AWS_CA_BUNDLE", "SSL_CERT_FILE"}) {
    if (settings.ca_file.empty()) settings.ca_file = variable(config, name);
  }
  settings.no_proxy = variable(config, "no_proxy");
  if (settings.no_proxy.empty()) settings.no_proxy = variable(config, "NO_PROXY");
  if (settings.no_proxy != "*") {
    if (!settings.no_proxy.empty()) settings.no_proxy += ',';
    settings.no_proxy += "localhost,127.0.0.0/8,::1,169.254.0.0/16";
  }
  return settings;
}

CurlHandle::CurlHandle(const CurlSettings& settings)
    : easy_((initialise_curl(), curl_easy_init())) {
  if (easy_ == nullptr) throw TransportError(TransportFailure::other, "libcurl has no handle left");
  set(CURLOPT_ERRORBUFFER, error_text_);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_FOLLOWLOCATION, 0L);  // a signed request must not travel to another host
  set(CURLOPT_PATH_AS_IS, 1L);      // "a/../b" is a key
  set(CURLOPT_BUFFERSIZE, kBuffer);
  set(CURLOPT_UPLOAD_BUFFERSIZE, kBuffer);
  set(CURLOPT_CONNECTTIMEOUT_MS, settings.connect_timeout_ms);
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  set(CURLOPT_TCP_KEEPIDLE, 30L);
  set(CURLOPT_TCP_KEEPINTVL, 10L);
  set(CURLOPT_MAXAGE_CONN, kMaxIdleConnectionSeconds);
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  set(CURLOPT_NOPROXY, settings.no_proxy.c_str());
  set(CURLOPT_USERAGENT, "cairn");
  set(CURLOPT_NOPROGRESS, 0L);
  if (!settings.ca_file.empty()) set(CURLOPT_CAINFO, settings.ca_file.c_str());
}

void CurlHandle::check(CURLcode code) {
  if (code != CURLE_OK) throw TransportError(TransportFailure::other, curl_easy_strerror(code));
}

CurlPool::CurlPool(CurlSettings settings)
    : settings_(std::move(settings)), state_(new State{.process = getpid()}) {}

CurlPool::~CurlPool() {
  State* state = state_.load();
  if (state->process == getpid()) delete state;
}

CurlPool::State& CurlPool::state() {
  State* current = state_.load(std::memory_order_acquire);
  const pid_t process = getpid();
  if (current->process == process) return *current;
  auto fresh = std::make_unique<State>();
  fresh->process = process;
  if (state_.compare_exchange_strong(current, fresh.get())) return *fresh.release();
  return *current;
}

std::unique_ptr<CurlHandle> CurlPool::take() {
  State& pool = state();
  {
    const std::lock_guard lock(pool.mutex);
    if (!pool.idle.empty()) {
      auto handle = std::move(pool.idle.back());
      pool.idle.pop_back();
      return handle;
    }
  }
  return std::make_unique<CurlHandle>(settings_);
}

void CurlPool::give_back(std::unique_ptr<CurlHandle> handle) {
  State& pool = state();
  const std::lock_guard lock(pool.mutex);
  if (pool.idle.size() < kMaxIdleHandles) pool.idle.push_back(std::move(handle));
}

}  // namespace cairn::vfs::net
