// A libcurl easy handle with the options that never change, and the pool that keeps handles alive.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <curl/curl.h>
#include <unistd.h>

#include "vfs/config.hpp"

namespace cairn::vfs::net {

/// What a new handle is set to.
struct CurlSettings {
  long connect_timeout_ms{10'000};
  std::string ca_file{};   ///< empty: the system's
  std::string no_proxy{};  ///< hosts that are spoken to directly
};
[[nodiscard]] CurlSettings curl_settings(const Config& config);

/// Owns an easy handle and the buffer of its error text.
class CurlHandle {
 public:
  explicit CurlHandle(const CurlSettings& settings);
  ~CurlHandle() { curl_easy_cleanup(easy_); }
  CurlHandle(const CurlHandle&) = delete;
  CurlHandle& operator=(const CurlHandle&) = delete;

  [[nodiscard]] CURL* get() const noexcept { return easy_; }
  [[nodiscard]] char* error_text() noexcept { return error_text_; }
  /// Throws TransportError.
  template <class Value>
  void set(CURLoption option, Value value) {
    check(curl_easy_setopt(easy_, option, value));
  }

 private:
  static void check(CURLcode code);
  CURL* easy_;
  char error_text_[CURL_ERROR_SIZE]{};
};

/// Idle handles, the warmest on top. A forked child gets an empty pool: the parent's sockets are
/// not its own, so the parent's handles are left alone there (leaked), never closed.
class CurlPool {
 public:
  explicit CurlPool(CurlSettings settings);
  ~CurlPool();
  CurlPool(const CurlPool&) = delete;
  CurlPool& operator=(const CurlPool&) = delete;

  [[nodiscard]] std::unique_ptr<CurlHandle> take();
  void give_back(std::unique_ptr<CurlHandle> handle);

 private:
  struct State {
    pid_t process{0};
    std::mutex mutex{};
    std::vector<std::unique_ptr<CurlHandle>> idle{};  // guarded by mutex
  };
  State& state();
  CurlSettings settings_;
  std::atomic<State*> state_;
};

}  // namespace cairn::vfs::net
