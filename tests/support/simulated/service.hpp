// What the simulated network and the tests ask of a simulated cloud service, whichever it is.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/simulated/faults.hpp"
#include "tests/support/simulated/message.hpp"

namespace cairn::test::sim {

using TimePoint = std::chrono::system_clock::time_point;

/// A cloud service as a model in memory: one bucket or container, judged through its HTTP API only.
/// Keys are decoded, without a bucket. Not thread-safe.
class Service {
 public:
  virtual ~Service() = default;
  [[nodiscard]] virtual Reply handle(const vfs::net::Request& request, TimePoint now) = 0;

  // What the tests do and see behind the API's back.
  /// An object that is there before; `checksum`: one of checksums().
  virtual void add(const std::string& key, std::string_view bytes, const std::string& checksum) = 0;
  /// Another client writes: one of our kind, with a token of its own in the metadata.
  virtual void write_foreign(const std::string& key, std::string_view bytes) = 0;
  [[nodiscard]] virtual int foreign_writes(const std::string& key) const = 0;
  [[nodiscard]] virtual std::optional<std::string> content(const std::string& key) const = 0;
  /// Whether these were its bytes, now or at some time before.
  [[nodiscard]] virtual bool has_held(const std::string& key, const std::string& bytes) const = 0;
  /// What FileInfo::etag and WriteOptions::if_match call its version; empty: no such object.
  [[nodiscard]] virtual std::string etag(const std::string& key) const = 0;
  [[nodiscard]] virtual std::vector<std::string> keys() const = 0;
  /// Unfinished uploads and blocks that nobody committed; temporary objects are objects.
  [[nodiscard]] virtual std::size_t leftovers() const = 0;
  /// What no client may send: unknown parameters and headers, unsigned requests, missing checksums.
  [[nodiscard]] virtual const std::vector<std::string>& violations() const = 0;
  /// The names of the checksums that an object can come with, the usual one first; "" is none.
  [[nodiscard]] virtual std::vector<std::string> checksums() const = 0;

  // Faults that the service makes itself, or knows the form of.
  /// It can happen to this request: the service has such a fault, and the answer what it damages.
  /// Transports ask it after they have seen to what needs no knowledge of the service.
  [[nodiscard]] virtual bool knows(Fault fault, const vfs::net::Request& request,
                                   const vfs::net::Exchange& exchange) const = 0;
  /// How it says 429, 500, 503, request_timeout, ok_error and conflict.
  [[nodiscard]] virtual Reply refusal(Fault fault) const = 0;
  /// From now on: expired, moved_400, moved_301, uploads_lost. At the next request: entry_refused,
  /// kept_less.
  virtual void change(Fault fault) = 0;
  /// Its answer to a GET as if it had asked for no range, with status 200.
  [[nodiscard]] virtual Reply whole(const vfs::net::Request& request) const = 0;
  /// Takes away what names the version of an object, in headers and in documents.
  virtual void remove_version(Reply& reply) const = 0;
  /// A fault at this request can leave something behind that no client can know of: the id of an
  /// upload was lost on the way, or its end.
  [[nodiscard]] virtual bool excuses_leftover(const vfs::net::Request& request) const = 0;
};

}  // namespace cairn::test::sim
