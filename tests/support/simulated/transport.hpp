// A Transport without sockets: a simulated service behind a network that fails where a test says
// so.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/scripted_transport.hpp"
#include "tests/support/simulated/faults.hpp"
#include "tests/support/simulated/service.hpp"

namespace cairn::test::sim {

/// What happens at which exchange (counted from 0), and what a fault needs to know.
struct Plan {
  std::map<std::size_t, Fault> faults{};
  std::string contended{};  ///< the file that another client writes at Fault::replaced
  std::string foreign{};    ///< what it writes there
  std::stop_source stop{};  ///< requested at Fault::cancelled_…
  std::uint64_t seed{1};    ///< which bit, which byte
};

/// Thread-safe: one exchange at a time, so that a run with one thread can be replayed.
class SimulatedTransport final : public vfs::net::Transport {
 public:
  SimulatedTransport(std::shared_ptr<Service> service, std::shared_ptr<VirtualClock> clock)
      : service_(std::move(service)), clock_(std::move(clock)) {}

  vfs::net::Response send(const vfs::net::Request& request,
                          const vfs::net::Exchange& exchange) override;

  /// Not to be called while requests are under way.
  [[nodiscard]] Plan& plan() { return plan_; }
  [[nodiscard]] std::size_t exchanges() const { return count_; }
  [[nodiscard]] std::size_t applied() const { return applied_; }
  /// What faults may have left behind without a way to know of it.
  [[nodiscard]] std::size_t excused_leftovers() const { return excused_; }
  /// "PUT /bkt/key?…", of each exchange.
  [[nodiscard]] const std::vector<std::string>& log() const { return log_; }
  /// Answers of another host (credentials), and a gate that may refuse a request before the service
  /// sees it.
  std::function<std::optional<Reply>(const vfs::net::Request&, TimePoint)> before_service{};
  /// Requests that are not for the service: its own faults can't happen to them.
  std::function<bool(const vfs::net::Request&)> is_elsewhere{};

 private:
  struct Run;  // one exchange
  void before(Run& run);
  void after(Run& run);
  void change_answer(Run& run);
  void change_world(Fault fault);
  [[nodiscard]] bool applies(Fault fault, const vfs::net::Request& request,
                             const vfs::net::Exchange& exchange) const;
  [[nodiscard]] std::optional<Reply> refusal_of(Fault fault) const;
  [[nodiscard]] Reply serve(const Run& run);
  [[nodiscard]] vfs::net::Response deliver(Run& run) const;
  [[nodiscard]] TimePoint service_now() const { return clock_->now() + skew_; }

  std::mutex mutex_;
  std::shared_ptr<Service> service_;  // guarded by mutex_, as is all below
  std::shared_ptr<VirtualClock> clock_;
  Plan plan_{};
  std::chrono::seconds skew_{0};
  std::size_t count_{0};
  std::size_t applied_{0};
  std::size_t excused_{0};
  std::vector<std::string> log_;
};

}  // namespace cairn::test::sim
