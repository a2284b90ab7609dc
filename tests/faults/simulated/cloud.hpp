// The cloud of this program: a model of a service, and how a store of ours is set before it. Each
// cloud has a file that defines what is declared here, and is linked with all tests.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "tests/support/simulated/service.hpp"
#include "vfs/base/services.hpp"
#include "vfs/config.hpp"
#include "vfs/store.hpp"

namespace cairn::test {

/// A way in which servers of this kind differ, or in which the client can be told to work.
struct Variant {
  std::string_view name{};
  bool of_writes_only{false};  ///< it makes no difference to reads, lists and removals
  /// A copy begins with an empty target, and can be replaced before it is known to have ended.
  bool slow_copies{false};
  /// A move leaves no mark on the file: after a lost answer and another's write nobody can tell.
  bool unmarked_moves{false};
  /// Of uploads. With small ones the same code runs a thousand times as fast.
  std::size_t part_size{1000};
};

/// How many cases of single faults there must be, over all variants: fewer, and tests were lost.
struct Floors {
  int reads{0};
  int writes{0};
  int trees{0};
  int doubts{0};
};

struct CloudOptions {
  std::size_t variant{0};
  bool rotating_credentials{false};  ///< from an endpoint that gives new ones each time
};

class Cloud {
 public:
  virtual ~Cloud() = default;
  [[nodiscard]] virtual std::shared_ptr<sim::Service> service() = 0;
  /// Adds the region, the endpoint, the credentials.
  virtual void configure(vfs::Config& config) const = 0;
  [[nodiscard]] virtual std::shared_ptr<vfs::Store> make_store(
      const vfs::Services& services) const = 0;
  /// The request is for a host that gives credentials, which answer_for_credentials plays.
  [[nodiscard]] virtual bool asks_for_credentials(const vfs::net::Request& request) const = 0;
  [[nodiscard]] virtual sim::Reply answer_for_credentials(const vfs::net::Request& request,
                                                          sim::TimePoint now) = 0;
};

[[nodiscard]] std::unique_ptr<Cloud> make_cloud(const CloudOptions& options);
[[nodiscard]] std::span<const Variant> variants();
[[nodiscard]] Floors floors();
/// How the service says that there are too many requests.
[[nodiscard]] sim::Fault throttling();

}  // namespace cairn::test
