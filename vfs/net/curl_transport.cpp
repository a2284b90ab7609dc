#include "vfs/net/curl_transport.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <ctime>

#include <fmt/format.h>
#include <pthread.h>

#include "vfs/crypto/checksum.hpp"
#include "vfs/net/curl_handle.hpp"
#include "vfs/net/text.hpp"
#include "vfs/net/watchdog.hpp"

namespace cairn::vfs::net {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kMaxWait{60'000};  // what poll(2) takes is an int
constexpr std::uint64_t kMaxReserve = 4U << 20U;       // on the word of a server
constexpr std::size_t kMaxHeaders = 128;
constexpr std::size_t kMaxHeaderBytes = 64U * 1024;

struct SlistFree {
  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, SlistFree>;

/// With CURLOPT_NOSIGNAL, OpenSSL's writes to a closed socket raise SIGPIPE: held back on this
/// thread while curl runs, and taken away again, so that the program's own handling of signals is
/// left as it is.
class HoldSigpipe {
 public:
  HoldSigpipe() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~HoldSigpipe() {
    const timespec now{};
    if (!was_pending_) sigtimedwait(&pipe_, nullptr, &now);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  HoldSigpipe(const HoldSigpipe&) = delete;
  HoldSigpipe& operator=(const HoldSigpipe&) = delete;

 private:
  sigset_t pipe_{};
  sigset_t before_{};
  bool was_pending_{false};
};

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

bool is_token(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return c > ' ' && c < '\x7f' &&
           std::string_view("()<>@,;:\\\"/[]?={}").find(c) == std::string_view::npos;
  });
}

/// Refuses what could smuggle a second header or request. Nothing has been sent then.
void check_request(const Request& request) {
  const auto refuse = [](std::string message) {
    throw TransportError(TransportFailure::refused, std::move(message));
  };
  const bool clean_url =
      std::ranges::all_of(request.url, [](char c) { return c > ' ' && c < '\x7f'; });
  if (!clean_url || !is_token(request.method)) refuse("the URL is not a valid one");
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name)) refuse(fmt::format("a header's name is not valid: {} bytes", name.size()));
    if (has_control(value)) refuse(fmt::format("header {} holds a line break or a NUL", name));
  }
}

/// The state of one exchange, which libcurl's callbacks see.
class Transfer {
 public:
  Transfer(const Request& request, const Exchange& exchange, std::chrono::milliseconds patience)
      : exchange_(exchange),
        reader_(request.body),
        unsent_(request.body.size()),
        patience_(patience),
        watchdog_(patience, SteadyClock::now()) {
    if (exchange.digest && exchange.destination)
      response_.checksum = Checksum{.type = *exchange.digest};
    if (unsent_ == 0) await_answer();
  }

  static std::size_t on_header(char* data, std::size_t, std::size_t size, void* self) {
    return static_cast<Transfer*>(self)->header({data, size}) ? size : 0;
  }
  static std::size_t on_body(char* data, std::size_t, std::size_t size, void* self) {
    return static_cast<Transfer*>(self)->body(data, size) ? size : 0;
  }
  static std::size_t on_read(char* out, std::size_t size, std::size_t count, void* self) {
    return static_cast<Transfer*>(self)->read({reinterpret_cast<std::byte*>(out), size * count});
  }
  static int on_seek(void* self, curl_off_t offset, int origin) {
    if (origin != SEEK_SET || offset < 0) return CURL_SEEKFUNC_CANTSEEK;
    static_cast<Transfer*>(self)->seek(static_cast<std::uint64_t>(offset));
    return CURL_SEEKFUNC_OK;
  }

  /// Before each sending. libcurl sends again by itself if a connection that it had kept breaks
  /// without an answer, and nothing turns that off.
  static int on_request(void* self, char*, char*, int, int) {
    Transfer& transfer = *static_cast<Transfer*>(self);
    transfer.response_.resent = transfer.requests_++ != 0;
    return CURL_PREREQFUNC_OK;
  }

  /// How long the network may be waited for; absent: no longer.
  [[nodiscard]] std::optional<std::chrono::milliseconds> patience();
  [[nodiscard]] Response& response() { return response_; }
  [[nodiscard]] std::optional<TransportFailure> failure() const { return failure_; }

 private:
  bool fail(TransportFailure failure) {
    failure_ = failure;
    return false;
  }
  void await_answer() {
    watchdog_.begin_phase(exchange_.response_patience.value_or(patience_), SteadyClock::now());
  }
  bool header(std::string_view line);
  bool body(const char* data, std::size_t size);
  std::size_t read(std::span<std::byte> out);
  void seek(std::uint64_t offset);

  const Exchange& exchange_;
  BodyReader reader_;
  std::uint64_t unsent_;
  std::uint64_t sent_{0};
  std::chrono::milliseconds patience_;
  Watchdog watchdog_;
  Response response_;
  std::size_t header_bytes_{0};
  int requests_{0};
  std::optional<TransportFailure> failure_;
};

std::size_t Transfer::read(std::span<std::byte> out) {
  const std::size_t length = reader_.read(out);
  watchdog_.add(length);
  sent_ += length;
  unsent_ -= length;
  if (length != 0 && unsent_ == 0) await_answer();
  return length;
}

void Transfer::seek(std::uint64_t offset) {
  reader_.seek(offset);
  unsent_ += sent_ - offset;
  sent_ = offset;
}

bool Transfer::header(std::string_view line) {
  header_bytes_ += line.size();
  if (header_bytes_ > kMaxHeaderBytes || response_.headers.size() >= kMaxHeaders) {
    return fail(TransportFailure::body_too_large);
  }
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  if (line.starts_with("HTTP/")) {  // also after "100 Continue": what follows replaces what was
    watchdog_.begin_phase(patience_, SteadyClock::now());
    response_.headers = {};
    const std::size_t space = line.find(' ');
    const auto status =
        space == std::string_view::npos ? std::nullopt : parse_number(line.substr(space + 1, 3));
    response_.status = static_cast<int>(status.value_or(0));
    return true;
  }
  const std::size_t colon = line.find(':');
  if (colon != std::string_view::npos) {
    response_.headers.add(line.substr(0, colon), trim(line.substr(colon + 1)));
  }
  return true;
}

bool Transfer::body(const char* data, std::size_t size) {
  watchdog_.add(size);
  const bool success = response_.status >= 200 && response_.status < 300;
  if (success && exchange_.destination) {
    if (response_.status == 200 && response_.skipped < exchange_.skip_of_whole) {
      const auto left = exchange_.skip_of_whole - response_.skipped;
      const auto dropped = static_cast<std::size_t>(std::min<std::uint64_t>(left, size));
      response_.skipped += dropped;
      data += dropped;
      size -= dropped;
    }
    const auto room = exchange_.destination->subspan(response_.received);
    const std::size_t length = std::min(size, room.size());
    if (length != 0) std::memcpy(room.data(), data, length);
    if (auto& sum = response_.checksum) {
      sum->value = crypto::checksum(sum->type, room.first(length), sum->value);
    }
    response_.received += length;
    return length == size || fail(TransportFailure::body_too_large);
  }
  if (response_.body.size() + size > exchange_.max_body) {
    return fail(TransportFailure::body_too_large);
  }
  if (response_.body.empty()) {  // a page of a list grows no string piece by piece
    const auto announced = parse_number(response_.headers.get("content-length"));
    response_.body.reserve(std::min<std::uint64_t>(announced.value_or(0), kMaxReserve));
  }
  response_.body.append(data, size);
  return true;
}

std::optional<std::chrono::milliseconds> Transfer::patience() {
  using std::chrono::milliseconds;
  const auto give_up = [this](TransportFailure failure) -> std::optional<milliseconds> {
    failure_ = failure;
    return std::nullopt;
  };
  if (exchange_.stop.stop_requested()) return give_up(TransportFailure::cancelled);
  const auto now = SteadyClock::now();
  milliseconds left = watchdog_.left(now);
  if (left == milliseconds{0}) return give_up(TransportFailure::stalled);
  if (exchange_.deadline) {
    if (now >= *exchange_.deadline) return give_up(TransportFailure::deadline);
    left = std::min(left, std::chrono::ceil<milliseconds>(*exchange_.deadline - now));
  }
  return std::min(left, kMaxWait);
}

/// The other side has answered, and not as it must: another attempt would end the same way. Else a
/// connection that broke during the handshake.
bool answers_wrongly(std::string_view text) {
  constexpr std::array<std::string_view, 5> kAnswers{
      "wrong version number", "protocol version", "unsupported protocol", "packet length too long",
      "asn1 encoding routines"};  // a signature by another key than the authority's of that name
  return std::ranges::any_of(
      kAnswers, [text](std::string_view part) { return text.find(part) != text.npos; });
}

TransportFailure failure_of(CURLcode code, std::string_view text) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return TransportFailure::resolve;
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:  // only connecting has a time limit of curl's own
      return TransportFailure::connect;
    case CURLE_SSL_CONNECT_ERROR:
      return answers_wrongly(text) ? TransportFailure::tls : TransportFailure::connect;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
      return TransportFailure::tls;
    case CURLE_SEND_ERROR:
    case CURLE_SEND_FAIL_REWIND:
      return TransportFailure::send;
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
      return TransportFailure::receive;
    case CURLE_PARTIAL_FILE:
      return TransportFailure::partial_body;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return TransportFailure::refused;
    default:
      return TransportFailure::other;
  }
}

std::string describe(TransportFailure failure, std::string_view curl_text) {
  switch (failure) {
    case TransportFailure::cancelled:
      return "cancelled";
    case TransportFailure::deadline:
      return "the deadline has passed";
    case TransportFailure::stalled:
      return "the connection stood still for too long";
    case TransportFailure::body_too_large:
      return "the response is larger than expected";
    default:
      return std::string(curl_text);
  }
}

HeaderList header_list(const Headers& headers) {
  HeaderList list;
  const auto append = [&list](const std::string& line) {
    curl_slist* longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    static_cast<void>(list.release());
    list.reset(longer);
  };
  append("Expect:");  // no pause of a round trip (or a second) before each large body
  for (const auto& [name, value] : headers) {
    append(value.empty() ? name + ";" : name + ": " + value);
  }
  return list;
}

void set_method(CurlHandle& handle, const Request& request) {
  const bool sends_body = request.has_body || request.body.size() != 0;
  if (sends_body) {
    handle.set(CURLOPT_UPLOAD, 1L);
    handle.set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  } else {
    handle.set(CURLOPT_HTTPGET, 1L);
  }
  const bool head = request.method == "HEAD";
  if (head) handle.set(CURLOPT_NOBODY, 1L);
  handle.set(CURLOPT_CUSTOMREQUEST, head ? nullptr : request.method.c_str());
}

class CurlTransport final : public Transport {
 public:
  explicit CurlTransport(const Config& config)
      : settings_(curl_settings(config)),
        pool_(settings_),
        stall_timeout_(config.http.stall_timeout) {}

  Response send(const Request& request, const Exchange& exchange) override {
    check_request(request);
    const Proxy* proxy = proxy_for(settings_.proxies, request.url);
    if (proxy != nullptr) check_proxy(*proxy);
    const CurlPool::Lease handle = pool_.take(exchange.stop, exchange.deadline);
    Transfer transfer(request, exchange, stall_timeout_);
    const HeaderList headers = header_list(request.headers);
    set_method(*handle, request);
    handle->set(CURLOPT_URL, request.url.c_str());
    handle->set(CURLOPT_HTTPHEADER, headers.get());
    handle->set(CURLOPT_PROXY, proxy == nullptr ? "" : proxy->url.reveal().c_str());
    connect_callbacks(*handle, transfer);
    const CURLcode code = perform(*handle, transfer, request, exchange);
    std::string text =
        handle->error_text()[0] != '\0' ? handle->error_text() : curl_easy_strerror(code);
    handle->set(CURLOPT_HTTPHEADER, nullptr);
    const long tunnel = handle->tunnel_status();
    if (code != CURLE_OK && proxy != nullptr && tunnel >= 400) throw refusal_of(*proxy, tunnel);
    if (code == CURLE_SSL_CACERT_BADFILE) {
      text = fmt::format("the trusted certificates of {}, {}, can't be used: {}",
                         settings_.ca_source, settings_.ca_file, text);
    }
    return finish(code, transfer, text);
  }

 private:
  static void connect_callbacks(CurlHandle& handle, Transfer& transfer) {
    handle.set(CURLOPT_HEADERFUNCTION, &Transfer::on_header);
    handle.set(CURLOPT_HEADERDATA, &transfer);
    handle.set(CURLOPT_WRITEFUNCTION, &Transfer::on_body);
    handle.set(CURLOPT_WRITEDATA, &transfer);
    handle.set(CURLOPT_READFUNCTION, &Transfer::on_read);
    handle.set(CURLOPT_READDATA, &transfer);
    handle.set(CURLOPT_PREREQFUNCTION, &Transfer::on_request);
    handle.set(CURLOPT_PREREQDATA, &transfer);
    handle.set(CURLOPT_SEEKFUNCTION, &Transfer::on_seek);
    handle.set(CURLOPT_SEEKDATA, &transfer);
  }

  static CURLcode perform(CurlHandle& handle, Transfer& transfer, const Request& request,
                          const Exchange& exchange) {
    const auto run = [&] {
      return handle.perform(exchange.stop, [&transfer] { return transfer.patience(); });
    };
    if (!request.url.starts_with("https:")) return run();
    const HoldSigpipe hold;
    return run();
  }

  static Response finish(CURLcode code, Transfer& transfer, std::string_view text) {
    if (code == CURLE_OK) return std::move(transfer.response());
    const TransportFailure failure = transfer.failure().value_or(failure_of(code, text));
    // A server that refuses an upload may answer and close while the body is still on its way.
    const bool refused_early =
        failure == TransportFailure::send && transfer.response().status >= 400;
    if (refused_early) return std::move(transfer.response());
    throw TransportError(failure, describe(failure, text), std::move(transfer.response()));
  }

  const CurlSettings settings_;
  CurlPool pool_;
  std::chrono::milliseconds stall_timeout_;
};

}  // namespace

std::shared_ptr<Transport> make_curl_transport(const Config& config) {
  return std::make_shared<CurlTransport>(config);
}

}  // namespace cairn::vfs::net
