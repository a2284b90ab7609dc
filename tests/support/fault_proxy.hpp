// A proxy between a client and a real server that makes a fault happen when it is told to.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/http_message.hpp"
#include "tests/support/loopback.hpp"

namespace cairn::test {

/// What goes wrong with one exchange.
struct Fault {
  enum class Kind {
    // The server does not get the request.
    refuse,        ///< the connection is reset
    reset_upload,  ///< … after `at` bytes of its body
    stall_upload,  ///< after `at` bytes of its body nothing more is read, for ever
    answer,        ///< `reply` is answered
    silent,        ///< nothing is answered, for ever
    // The server carries it out.
    lose_answer,     ///< the connection ends instead of the answer
    replace_answer,  ///< `reply` is answered instead
    edit_answer,     ///< the answer goes through `edit`
    reset_after_head,
    cut,                 ///< … after `at` bytes of the body; the length says more
    cut_to_length,       ///< … and the length is made to fit
    cut_without_length,  ///< … and there is no length: the end of the connection is the end
    flip_download,       ///< the bit at byte `at` of the answer
    stall,               ///< after `at` bytes, for ever
    trickle,             ///< after `at` bytes, one each 20 ms
    cut_head,            ///< the connection ends after `at` bytes of the answer's head
    // The server gets another request than was sent.
    flip_upload,   ///< the bit at byte `at` of the request
    edit_request,  ///< the request goes through `edit`
  };
  Kind kind{Kind::refuse};
  std::size_t at{0};
  HttpMessage reply{};
  std::function<void(HttpMessage&)> edit{};
};

/// An answer of the S3 API that tells an error.
[[nodiscard]] HttpMessage error_reply(
    int status, const std::string& code,
    std::vector<std::pair<std::string, std::string>> headers = {});

/// When a fault happens: at the requests that fit, but for the first `skip`, `times` times.
struct Rule {
  std::string method{};   ///< empty: any
  std::string target{};   ///< a part of it
  std::string without{};  ///< no part of it, unless empty
  Fault fault{};
  int skip{0};
  int times{1};
};

/// Forwards to a port of 127.0.0.1, byte for byte: also the Host that the client has signed.
/// Thread-safe.
class FaultProxy {
 public:
  explicit FaultProxy(int upstream_port);

  [[nodiscard]] std::string url() const { return server_.url(); }
  void add(Rule rule);
  /// Asked at every request that no rule fits: random faults.
  void set_chance(std::function<std::optional<Fault>(const HttpMessage& request)> chance);
  /// How many faults have happened.
  [[nodiscard]] int faults() const;
  /// "PUT /bucket/key" of each request, in order.
  [[nodiscard]] std::vector<std::string> requests() const;
  /// Of those so far.
  void forget_requests();
  /// Waits for a request whose line holds this. False: none came in half a minute.
  [[nodiscard]] bool wait_for_request(const std::string& part) const;
  /// Waits until a fault has been chosen for a request.
  [[nodiscard]] bool wait_for_fault() const;

 private:
  class Upstream;
  void serve(int socket);
  [[nodiscard]] std::optional<Fault> choose(const HttpMessage& request);
  /// False: the connection ends.
  [[nodiscard]] bool exchange(int socket, std::string& buffer, HttpMessage request,
                              const std::optional<Fault>& fault, Upstream& upstream);
  [[nodiscard]] bool answer(int socket, const HttpMessage& request, HttpMessage reply,
                            const std::optional<Fault>& fault);
  [[nodiscard]] bool damage(int socket, const HttpMessage& request, HttpMessage reply,
                            const Fault& fault);
  bool drip(int socket, std::string_view rest);

  const int upstream_port_;
  mutable std::mutex mutex_;
  mutable std::condition_variable requested_;
  std::vector<Rule> rules_;  // guarded by mutex_, as are the next three
  std::function<std::optional<Fault>(const HttpMessage&)> chance_;
  int faults_{0};
  std::vector<std::string> requests_;
  LoopbackServer server_;  // ends first
};

}  // namespace cairn::test
