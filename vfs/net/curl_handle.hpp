// A libcurl handle with the options that never change, and the pool that keeps handles alive.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <curl/curl.h>

#include "vfs/base/per_process.hpp"
#include "vfs/config.hpp"
#include "vfs/net/proxy.hpp"

namespace cairn::vfs::net {

/// What a new handle is set to.
struct CurlSettings {
  long connect_timeout_ms{10'000};
  int max_connections{128};
  std::string ca_file{};    ///< empty: the system's
  std::string ca_source{};  ///< what names that file: "AWS_CA_BUNDLE"
  std::string ca_folder{};  ///< certificates by their hashes; empty: none, or the system's
  ProxySettings proxies{};
};
[[nodiscard]] CurlSettings curl_settings(const Config& config);

/// An easy handle and the multi handle that drives it: so its connections live as long as it does,
/// and a wait for the network can be ended from another thread, which curl_easy_perform does not
/// allow.
class CurlHandle {
 public:
  explicit CurlHandle(const CurlSettings& settings);
  ~CurlHandle();
  CurlHandle(const CurlHandle&) = delete;
  CurlHandle& operator=(const CurlHandle&) = delete;

  [[nodiscard]] char* error_text() noexcept { return error_text_; }
  /// What the proxy answered to CONNECT in the last exchange; 0: it was not asked.
  [[nodiscard]] long tunnel_status() const noexcept;
  /// Throws TransportError.
  template <class Value>
  void set(CURLoption option, Value value) {
    check(curl_easy_setopt(easy_, option, value));
  }

  /// Asked before each wait: how long it may be, or nothing to give the exchange up.
  using Patience = std::function<std::optional<std::chrono::milliseconds>()>;
  /// Runs the exchange to its end. A stop request ends the wait at once, so that `patience` is
  /// asked. Given up: CURLE_ABORTED_BY_CALLBACK, and the connection is closed.
  [[nodiscard]] CURLcode perform(const std::stop_token& stop, const Patience& patience);

 private:
  static void check(CURLcode code);
  [[nodiscard]] CURLcode drive(const Patience& patience);
  CURL* easy_;
  CURLM* multi_;
  char error_text_[CURL_ERROR_SIZE]{};
};

/// Idle handles, the warmest on top; at most max_connections are out at once. A forked child gets
/// an empty pool: the parent's sockets are not its own.
class CurlPool {
 public:
  explicit CurlPool(CurlSettings settings);

  /// A handle that goes back when this ends.
  class Lease {
   public:
    Lease(CurlPool& pool, std::unique_ptr<CurlHandle> handle)
        : pool_(pool), handle_(std::move(handle)) {}
    ~Lease() { pool_.give_back(std::move(handle_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    CurlHandle* operator->() const noexcept { return handle_.get(); }
    CurlHandle& operator*() const noexcept { return *handle_; }

   private:
    CurlPool& pool_;
    std::unique_ptr<CurlHandle> handle_;
  };

  /// Waits while all are out. Throws TransportError(cancelled or deadline) if that takes too long.
  [[nodiscard]] Lease take(const std::stop_token& stop,
                           std::optional<std::chrono::steady_clock::time_point> deadline);

 private:
  struct State {
    std::mutex mutex{};
    std::condition_variable_any freed{};
    std::vector<std::unique_ptr<CurlHandle>> idle{};  // guarded by mutex
    int out{0};                                       // guarded by mutex
  };
  void give_back(std::unique_ptr<CurlHandle> handle) noexcept;

  CurlSettings settings_;
  PerProcess<State> state_;
};

}  // namespace cairn::vfs::net
