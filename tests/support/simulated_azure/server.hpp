// A model of Azure Blob Storage and Data Lake Storage Gen2 in memory: what one container answers at
// its blob endpoint and, in a hierarchical account, at its dfs endpoint, and what it holds then.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/simulated/service.hpp"
#include "tests/support/simulated_azure/authorize.hpp"
#include "tests/support/simulated_azure/blob.hpp"

namespace cairn::test::sim::azure {

/// The switches are where servers differ, or what the cloud does only now and then.
struct ServerOptions {
  std::string container{"bkt"};
  std::string dfs_host{"127.0.0.1:10001"};  ///< where the account is in the path
  bool hierarchical{false};
  std::uint64_t max_put{5000ULL << 20};       ///< Put Blob, also from a URL
  std::uint64_t max_block{4000ULL << 20};     ///< also from a URL
  std::uint64_t max_sync_copy{256ULL << 20};  ///< x-ms-requires-sync
  std::size_t max_blocks{50'000};
  std::size_t page{5000};      ///< entries per answer, at most
  bool empty_pages{false};     ///< each page of a list comes after one without entries
  bool byte_order_mark{true};  ///< before the XML of lists
  bool knows_crc64{true};      ///< Azurite: 500 FeatureNotSupported
  bool knows_from_url{true};   ///< Azurite: 501
  int copy_polls{0};           ///< a copy is pending for so many looks at it
  CopyStatus copy_end{CopyStatus::success};
  std::size_t delete_page{0};  ///< paths that one paginated dfs delete looks at; 0: all
  /// The metadata with which a client of our kind keeps the checksum of a blob that is there
  /// before.
  std::function<std::map<std::string, std::string>(std::string_view)> kept_checksum{};
  Account account{};
};

/// Not thread-safe. Keys are names of blobs in the container.
class Server final : public Service {
 public:
  explicit Server(ServerOptions options) : options_(std::move(options)) {}

  [[nodiscard]] Reply handle(const vfs::net::Request& request, TimePoint now) override;

  // service.cpp
  void add(const std::string& key, std::string_view bytes, const std::string& checksum) override;
  void write_foreign(const std::string& key, std::string_view bytes) override;
  [[nodiscard]] int foreign_writes(const std::string& key) const override;
  [[nodiscard]] std::optional<std::string> content(const std::string& key) const override;
  [[nodiscard]] bool has_held(const std::string& key, const std::string& bytes) const override;
  [[nodiscard]] std::string etag(const std::string& key) const override;
  [[nodiscard]] std::vector<std::string> keys() const override;
  [[nodiscard]] std::size_t leftovers() const override;
  [[nodiscard]] const std::vector<std::string>& violations() const override { return violations_; }
  [[nodiscard]] std::vector<std::string> checksums() const override;
  [[nodiscard]] bool knows(Fault fault, const vfs::net::Request& request,
                           const vfs::net::Exchange& exchange) const override;
  [[nodiscard]] Reply refusal(Fault fault) const override;
  void change(Fault fault) override;
  [[nodiscard]] Reply whole(const vfs::net::Request& request) const override;
  void remove_version(Reply& reply) const override;
  [[nodiscard]] bool excuses_leftover(const vfs::net::Request& request) const override;

  [[nodiscard]] ServerOptions& options() { return options_; }
  [[nodiscard]] const Blob* find(const std::string& key) const;
  void lease(const std::string& key, const std::string& id) { blobs_.at(key).lease = id; }
  void take_snapshot(const std::string& key) { ++blobs_.at(key).snapshots; }
  [[nodiscard]] std::size_t uncommitted_blocks(const std::string& key) const;

 private:
  /// One call: the request, where it goes, and what its sender may do.
  struct Turn {
    const Incoming& request;
    const Address& address;
    const Rule& rule;
    const Grant& grant;
    const std::string& name;  ///< of the blob
  };

  [[nodiscard]] Reply route(const Incoming& request, const Address& address);
  [[nodiscard]] Reply carry_out(const Turn& turn);
  [[nodiscard]] Reply carry_out_blob(const Turn& turn);
  [[nodiscard]] Reply carry_out_path(const Turn& turn);
  void check_permission(const Turn& turn) const;
  void check_protocol(const Incoming& request, const Rule& rule);
  [[noreturn]] void violate(std::string what, const std::string& code);

  // blobs.cpp
  [[nodiscard]] Reply get_blob(const Turn& turn);
  [[nodiscard]] Reply get_properties(const Turn& turn);
  [[nodiscard]] Reply put_blob(const Turn& turn);
  [[nodiscard]] Reply set_metadata(const Turn& turn);
  [[nodiscard]] Reply delete_blob(const Turn& turn);
  // blocks.cpp
  [[nodiscard]] Reply put_block(const Turn& turn);
  [[nodiscard]] Reply put_block_from_url(const Turn& turn);
  [[nodiscard]] Reply put_block_list(const Turn& turn);
  [[nodiscard]] Reply get_block_list(const Turn& turn) const;
  void stage(const Turn& turn, std::string bytes);
  // copies.cpp
  [[nodiscard]] Reply copy_blob(const Turn& turn);
  [[nodiscard]] Reply abort_copy(const Turn& turn);
  [[nodiscard]] Reply put_blob_from_url(const Turn& turn);
  [[nodiscard]] const Blob& source_of(const Turn& turn, std::string* name = nullptr) const;
  void poll_copy(Blob& blob);
  // container.cpp
  [[nodiscard]] Reply list_blobs(const Turn& turn) const;
  [[nodiscard]] std::map<std::string, const Blob*> listed(const std::string& prefix,
                                                          const std::string& delimiter) const;
  void check_list_prefix(const std::string& prefix) const;
  [[nodiscard]] Reply list_containers(const Turn& turn) const;
  [[nodiscard]] Reply account_information() const;
  [[nodiscard]] Reply user_delegation_key(const Turn& turn) const;
  // batch.cpp
  [[nodiscard]] Reply batch(const Turn& turn);
  [[nodiscard]] Reply batched(const std::string& text, const Turn& turn);
  // paths.cpp
  [[nodiscard]] Reply create_path(const Turn& turn);
  [[nodiscard]] Reply rename_path(const Turn& turn);
  [[nodiscard]] Reply delete_path(const Turn& turn);
  [[nodiscard]] Reply path_access(const Turn& turn) const;
  [[nodiscard]] Reply path_properties(const Turn& turn);
  [[nodiscard]] Reply list_paths(const Turn& turn) const;
  void move_tree(const std::string& from, const std::string& to);
  // append.cpp
  [[nodiscard]] Reply append(const Turn& turn);
  [[nodiscard]] Reply flush(const Turn& turn);
  void commit_appended(const std::string& name, std::uint64_t position);

  /// Refuses what the blob's lease, a pending copy or the request's conditions forbid.
  void check_write(const Turn& turn, const Blob* blob) const;
  [[nodiscard]] Blob& existing(const std::string& name);
  /// The blob as it is from now on, with a new etag; parents come into being.
  Blob& store(const std::string& name, Blob blob);
  void make_parents(const std::string& name);
  [[nodiscard]] bool has_children(const std::string& name) const;
  [[nodiscard]] std::string next_etag();

  ServerOptions options_;
  TimePoint now_{};
  bool in_batch_{false};
  bool refuses_entry_{false};  ///< the first one of the next batch
  std::map<std::string, Blob> blobs_;
  std::map<std::string, std::map<std::string, std::string>> uncommitted_;  // blob, id: bytes
  std::map<std::string, int> foreign_;
  std::set<std::pair<std::string, std::string>> history_;  // key and MD5
  std::vector<std::string> violations_;
  std::uint64_t changes_{0};   // each makes an etag
  std::uint64_t requests_{0};  // each has an id
};

}  // namespace cairn::test::sim::azure
