#include "vfs/net/curl_handle.hpp"

#include <algorithm>
#include <utility>

#include "vfs/base/variables.hpp"
#include "vfs/net/transport.hpp"

namespace cairn::vfs::net {
namespace {

constexpr long kBuffer = 512L * 1024;           // measured best of 16 KiB … 2 MiB on loopback
constexpr long kMaxIdleConnectionSeconds = 15;  // S3 closes idle connections after 5 to 20 s

// Thread-safe and never undone: other users of libcurl in this process may still be at work.
void initialise_curl() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

}  // namespace

CurlSettings curl_settings(const Config& config) {
  CurlSettings settings;
  settings.connect_timeout_ms = static_cast<long>(config.http.connect_timeout.count());
  settings.max_connections = std::max(config.http.max_connections, 1);
  const Variables variables(config.environment);
  Variable ca_file{.name = "HttpOptions::ca_file", .value = config.http.ca_file};
  if (ca_file.value.empty()) ca_file = variables.first_named({"AWS_CA_BUNDLE", "SSL_CERT_FILE"});
  settings.ca_file = std::move(ca_file.value);
  settings.ca_source = std::move(ca_file.name);
  settings.ca_folder = variables.find("SSL_CERT_DIR").value_or("");
  settings.proxies = proxy_settings(config);
  return settings;
}

CurlHandle::CurlHandle(const CurlSettings& settings)
    : easy_((initialise_curl(), curl_easy_init())), multi_(curl_multi_init()) {
  if (easy_ == nullptr || multi_ == nullptr) {
    curl_easy_cleanup(easy_);
    curl_multi_cleanup(multi_);
    throw TransportError(TransportFailure::other, "libcurl has no handle left");
  }
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
  set(CURLOPT_NOPROXY, settings.proxies.no_proxy.c_str());
  set(CURLOPT_USERAGENT, "cairn");
  set(CURLOPT_NOPROGRESS, 1L);
  set(CURLOPT_QUICK_EXIT, 1L);  // giving up does not wait for a resolver's thread
  // A file of one's own is trusted instead of what the system trusts, which is a folder, too.
  if (!settings.ca_file.empty()) {
    set(CURLOPT_CAINFO, settings.ca_file.c_str());
    set(CURLOPT_CAPATH, nullptr);
  }
  if (!settings.ca_folder.empty()) set(CURLOPT_CAPATH, settings.ca_folder.c_str());
}

void CurlHandle::check(CURLcode code) {
  if (code != CURLE_OK) throw TransportError(TransportFailure::other, curl_easy_strerror(code));
}

CurlHandle::~CurlHandle() {
  curl_easy_cleanup(easy_);
  curl_multi_cleanup(multi_);
}

long CurlHandle::tunnel_status() const noexcept {
  long status = 0;
  curl_easy_getinfo(easy_, CURLINFO_HTTP_CONNECTCODE, &status);
  return status;
}

CURLcode CurlHandle::perform(const std::stop_token& stop, const Patience& patience) {
  error_text_[0] = '\0';
  if (curl_multi_add_handle(multi_, easy_) != CURLM_OK) return CURLE_FAILED_INIT;
  CURLcode code = CURLE_OK;
  {
    const std::stop_callback wake(stop, [this] { curl_multi_wakeup(multi_); });
    code = drive(patience);
  }
  curl_multi_remove_handle(multi_, easy_);
  return code;
}

CURLcode CurlHandle::drive(const Patience& patience) {
  for (;;) {
    int running = 0;
    if (curl_multi_perform(multi_, &running) != CURLM_OK) return CURLE_OUT_OF_MEMORY;
    if (running == 0) break;
    const auto wait = patience();
    if (!wait) return CURLE_ABORTED_BY_CALLBACK;
    if (curl_multi_poll(multi_, nullptr, 0, static_cast<int>(wait->count()), nullptr) != CURLM_OK) {
      return CURLE_OUT_OF_MEMORY;
    }
  }
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg == CURLMSG_DONE) return message->data.result;
  }
  return CURLE_FAILED_INIT;
}

CurlPool::CurlPool(CurlSettings settings) : settings_(std::move(settings)) {}

CurlPool::Lease CurlPool::take(const std::stop_token& stop,
                               std::optional<std::chrono::steady_clock::time_point> deadline) {
  State& pool = state_.get();
  std::unique_lock lock(pool.mutex);
  const auto free = [&] { return pool.out < settings_.max_connections; };
  const bool ready = deadline ? pool.freed.wait_until(lock, stop, *deadline, free)
                              : pool.freed.wait(lock, stop, free);
  if (stop.stop_requested()) throw TransportError(TransportFailure::cancelled, "cancelled");
  if (!ready) {
    throw TransportError(TransportFailure::deadline,
                         "the deadline has passed while all connections were in use");
  }
  if (deadline && std::chrono::steady_clock::now() >= *deadline) {
    throw TransportError(TransportFailure::deadline, "the deadline has passed");
  }
  std::unique_ptr<CurlHandle> handle;
  if (!pool.idle.empty()) {
    handle = std::move(pool.idle.back());
    pool.idle.pop_back();
  } else {
    handle = std::make_unique<CurlHandle>(settings_);
  }
  pool.idle.reserve(pool.idle.size() + static_cast<std::size_t>(pool.out) + 1);  // for give_back
  ++pool.out;
  return {*this, std::move(handle)};
}

void CurlPool::give_back(std::unique_ptr<CurlHandle> handle) noexcept {
  State& pool = state_.get();
  {
    const std::lock_guard lock(pool.mutex);
    // Room was there when it was taken out, unless this is a forked child, which never took it.
    if (pool.out == 0) return static_cast<void>(handle.release());
    --pool.out;
    pool.idle.push_back(std::move(handle));
  }
  pool.freed.notify_one();
}

}  // namespace cairn::vfs::net
