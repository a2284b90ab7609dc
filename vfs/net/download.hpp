// What is right so far of a body that is on its way into the caller's memory, over several
// attempts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "vfs/net/retry.hpp"
#include "vfs/net/transport.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs::net {

/// What a service says about a request that it did not carry out, or this side about its answer.
struct ServiceError {
  std::string code{};  ///< "NoSuchKey"; empty if it gave none
  std::string message{};
  std::string region{};  ///< of the bucket, where the service names it
};

/// Asks for what is missing, pinned to the version of what is there, and trusts no answer: neither
/// its range, nor its length, nor its bytes where the service tells their checksum.
class Download {
 public:
  /// The checksum of the whole object, if the headers hold one.
  using ReadChecksum = std::function<std::optional<Checksum>(const Headers&)>;
  using ReadVersion = std::function<std::string(const Headers&)>;
  /// How the answers of a service are read; both may be absent.
  struct Reading {
    const ReadChecksum& checksum;
    const ReadVersion& version;  ///< absent: the ETag
  };

  /// `start`: the destination is filled from there. Absent: the whole object is wanted, and asked
  /// for without a range.
  /// `digest`: the type of checksum that the service keeps of its objects, or is likely to: it is computed on the way.
  Download(std::span<std::byte> destination, std::optional<std::uint64_t> start,
           const Headers& headers, ChecksumType digest = ChecksumType::crc32c);

  /// Takes a 200 where a range was asked for, if no more than so much comes before the range.
  void allow_skip(std::uint64_t bytes) { max_skip_ = bytes; }

  /// Sets Range, If-Match and the rest of the destination.
  void prepare(Request& request, Exchange& exchange) const;

  /// What is wrong with an answer.
  struct Fault {
    ServiceError error{};
    bool retry{false};
  };
  /// Takes what came. `failure` is how the exchange ended, if it failed; it is taken away if it
  /// says no more than that the object goes on behind the destination.
  [[nodiscard]] std::optional<Fault> take(const Response& response,
                                          std::optional<TransportFailure>& failure,
                                          const Reading& reading);

  [[nodiscard]] std::uint64_t received() const { return received_; }
  [[nodiscard]] const Checksum& checksum() const { return running_; }

 private:
  [[nodiscard]] std::optional<Fault> place(const Response& response,
                                           std::optional<TransportFailure>& failure);
  [[nodiscard]] std::optional<Fault> place_range(const Response& response,
                                                 const std::optional<TransportFailure>& failure);
  void keep(const Response& response);
  [[nodiscard]] bool is_intact() const;
  void restart();

  std::span<std::byte> destination_;
  std::uint64_t start_;
  bool ranged_;
  std::uint64_t max_skip_{0};
  std::string if_match_;  // the caller's
  std::string etag_{};    // of the first answer: what the rest must match
  std::uint64_t received_{0};
  Checksum running_;  // of what was received
  std::optional<std::uint64_t> object_size_{};
  std::optional<Checksum> checksum_{};  // of the object
};

}  // namespace cairn::vfs::net
