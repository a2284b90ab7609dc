// S3, with access keys.
#include <array>
#include <string>

#include "tests/faults/simulated/cloud.hpp"
#include "tests/support/simulated_s3/server.hpp"
#include "vfs/s3/store.hpp"

namespace cairn::test {
namespace {

constexpr std::array kVariants{
    Variant{.name = "a second Complete answers 200"},
    Variant{.name = "an upload is gone once it is complete", .of_writes_only = true},
};

class S3 final : public Cloud {
 public:
  explicit S3(const CloudOptions& options)
      : rotating_(options.rotating_credentials),
        server_(std::make_shared<sim::s3::Server>(
            sim::s3::ServerOptions{.page = 2, .completes_twice = options.variant == 0})) {}

  std::shared_ptr<sim::Service> service() override { return server_; }

  void configure(vfs::Config& config) const override {
    config.s3 = {.region = "us-east-1", .endpoint_url = "http://127.0.0.1:9000"};
    if (!rotating_) {
      config.s3.access_key_id = server_->options().account.access_key_id;
      config.s3.secret_access_key = server_->options().account.secret;
    }
    config.environment = [](std::string_view name) -> std::optional<std::string> {
      if (name == "HOME") return "/nonexistent";
      if (name == "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") return "/credentials";
      return {};
    };
  }

  std::shared_ptr<vfs::Store> make_store(const vfs::Services& services) const override {
    return vfs::make_s3_store_on(vfs::Url::parse("s3://bkt"), services);
  }

  bool asks_for_credentials(const vfs::net::Request& request) const override {
    return request.url.starts_with("http://169.254.170.2/");
  }

  /// The container's endpoint gives new ones each time; older ones are good no longer.
  sim::Reply answer_for_credentials(const vfs::net::Request&, sim::TimePoint) override {
    sim::s3::Account& account = server_->options().account;
    account.session_token = "token-" + std::to_string(++tokens_);
    account.expired = false;
    return {.body = R"({"AccessKeyId":")" + account.access_key_id + R"(","SecretAccessKey":")" +
                    account.secret + R"(","Token":")" + account.session_token +
                    R"(","Expiration":"2099-01-01T00:00:00Z"})"};
  }

 private:
  bool rotating_;
  std::shared_ptr<sim::s3::Server> server_;
  int tokens_{0};
};

}  // namespace

std::unique_ptr<Cloud> make_cloud(const CloudOptions& options) {
  return std::make_unique<S3>(options);
}

std::span<const Variant> variants() {
  return kVariants;
}

Floors floors() {
  return {.reads = 610, .writes = 3'100, .trees = 480, .doubts = 600};
}

sim::Fault throttling() {
  return sim::Fault::status_503;
}

}  // namespace cairn::test
