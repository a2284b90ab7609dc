// A model of Google Cloud Storage in memory: what one bucket answers to a request of the JSON API
// or the XML API, and what it holds afterwards. The rules are those of Google's API reference;
// where it leaves a choice or a client has to cope with both, there is a switch in Options.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/simulated/service.hpp"
#include "tests/support/simulated_gcs/state.hpp"

namespace cairn::test::sim::gcs {

/// Not thread-safe.
class Server final : public Service {
 public:
  explicit Server(Options options = {}) { state_.options = std::move(options); }

  [[nodiscard]] Reply handle(const vfs::net::Request& request, TimePoint now) override;

  [[nodiscard]] Options& options() { return state_.options; }
  [[nodiscard]] Authority& authority() { return state_.authority; }
  [[nodiscard]] const Bucket& bucket() const { return state_.bucket; }

  void add(const std::string& key, std::string_view bytes, const std::string& checksum) override;
  void write_foreign(const std::string& key, std::string_view bytes) override;
  [[nodiscard]] int foreign_writes(const std::string& key) const override;
  [[nodiscard]] std::optional<std::string> content(const std::string& key) const override;
  [[nodiscard]] bool has_held(const std::string& key, const std::string& bytes) const override;
  /// The generation.
  [[nodiscard]] std::string etag(const std::string& key) const override;
  [[nodiscard]] std::vector<std::string> keys() const override;
  [[nodiscard]] std::size_t leftovers() const override;
  [[nodiscard]] const std::vector<std::string>& violations() const override {
    return state_.violations;
  }
  /// Each object has a CRC32C; with "crc32c" it has no MD5.
  [[nodiscard]] std::vector<std::string> checksums() const override { return {"md5", "crc32c"}; }

  [[nodiscard]] bool knows(Fault fault, const vfs::net::Request& request,
                           const vfs::net::Exchange& exchange) const override;
  [[nodiscard]] Reply refusal(Fault fault) const override;
  void change(Fault fault) override;
  [[nodiscard]] Reply whole(const vfs::net::Request& request) const override;
  void remove_version(Reply& reply) const override;
  [[nodiscard]] bool excuses_leftover(const vfs::net::Request& request) const override;

 private:
  [[nodiscard]] Reply answer(const vfs::net::Request& request);
  [[nodiscard]] Reply route(Call& call);

  State state_{};
  std::map<std::string, int> foreign_;
};

}  // namespace cairn::test::sim::gcs
