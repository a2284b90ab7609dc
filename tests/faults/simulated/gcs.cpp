// Google Cloud Storage, with a bearer token; uploads in each of the three ways.
#include <array>
#include <string>

#include "tests/faults/simulated/cloud.hpp"
#include "tests/support/simulated_gcs/server.hpp"
#include "tests/support/simulated_gcs/tokens.hpp"
#include "vfs/gcs/store.hpp"

namespace cairn::test {
namespace {

constexpr const char* kToken = "simulated-token";

constexpr std::array kVariants{
    Variant{.name = "XML multipart uploads", .unmarked_moves = true},
    Variant{.name = "compose, no batches, rewrites in two calls",
            .of_writes_only = true,
            .unmarked_moves = true},
    Variant{
        .name = "resumable uploads, no moves", .of_writes_only = true, .part_size = 256U << 10U},
};
constexpr std::array kUploads{vfs::GcsUpload::xml, vfs::GcsUpload::compose,
                              vfs::GcsUpload::resumable};

class Gcs final : public Cloud {
 public:
  explicit Gcs(const CloudOptions& options)
      : options_(options),
        server_(std::make_shared<sim::gcs::Server>(
            sim::gcs::Options{.page = 2,
                              .min_part = 1,
                              .rewrite_calls = options.variant == 1 ? 2 : 1,
                              .has_move = options.variant != 2,
                              .has_batch = options.variant != 1})),
        tokens_(server_->authority()) {
    if (!options_.rotating_credentials) server_->authority().trust(kToken);
  }

  std::shared_ptr<sim::Service> service() override { return server_; }

  void configure(vfs::Config& config) const override {
    config.gcs = {.endpoint_url = "http://127.0.0.1:4443", .upload = kUploads[options_.variant]};
    if (!options_.rotating_credentials) config.gcs.token = vfs::Secret(kToken);
    config.environment = [](std::string_view name) -> std::optional<std::string> {
      if (name == "HOME") return "/nonexistent";
      return {};
    };
  }

  std::shared_ptr<vfs::Store> make_store(const vfs::Services& services) const override {
    return vfs::make_gcs_store_on(vfs::Url::parse("gs://bkt"), services);
  }

  bool asks_for_credentials(const vfs::net::Request& request) const override {
    return request.url.starts_with("http://169.254.169.254/");
  }

  /// The metadata server gives new ones each time; older ones are good no longer.
  sim::Reply answer_for_credentials(const vfs::net::Request& request, sim::TimePoint now) override {
    server_->authority().expire_tokens();
    return tokens_.handle(request, now).value();
  }

 private:
  CloudOptions options_;
  std::shared_ptr<sim::gcs::Server> server_;
  sim::gcs::TokenService tokens_;
};

}  // namespace

std::unique_ptr<Cloud> make_cloud(const CloudOptions& options) {
  return std::make_unique<Gcs>(options);
}

std::span<const Variant> variants() {
  return kVariants;
}

Floors floors() {
  return {.reads = 490, .writes = 4'400, .trees = 400, .doubts = 1'000};
}

sim::Fault throttling() {
  return sim::Fault::status_429;
}

}  // namespace cairn::test
