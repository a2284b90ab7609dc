// Azure Blob Storage and Data Lake Storage Gen2: with the account's key, with a SAS, with tokens.
#include <array>
#include <map>
#include <string>

#include "tests/faults/simulated/cloud.hpp"
#include "tests/support/simulated/digests.hpp"
#include "tests/support/simulated_azure/server.hpp"
#include "tests/support/simulated_azure/tokens.hpp"
#include "vfs/azure/store.hpp"

namespace cairn::test {
namespace {

constexpr std::array kVariants{
    Variant{.name = "Shared Key"},
    Variant{.name = "a SAS"},
    Variant{.name = "no CRC64, no copies from URLs, lists with empty pages", .slow_copies = true},
    Variant{.name = "a hierarchical namespace", .unmarked_moves = true},
};

/// As our store keeps the checksum of a blob that it has written.
std::map<std::string, std::string> kept_checksum(std::string_view bytes) {
  return {
      {"cairn_crc64", sim::hex(sim::crc("crc64nvme", bytes)) + "-" + std::to_string(bytes.size())}};
}

sim::azure::ServerOptions server_options(std::size_t variant) {
  const bool limited = variant == 2;
  return {.hierarchical = variant == 3,
          .page = 2,
          .empty_pages = limited,
          .knows_crc64 = !limited,
          .knows_from_url = !limited,
          .copy_polls = limited ? 1 : 0,
          .delete_page = 2,
          .kept_checksum = &kept_checksum};
}

/// https://learn.microsoft.com/rest/api/storageservices/create-account-sas
std::string account_sas(const sim::azure::Account& account) {
  const std::string text =
      account.name + "\nrwdlac\nb\nsco\n\n2027-01-01T00:00:00Z\n\n\n2023-11-03\n\n";
  const std::string key = sim::from_base64(account.key).value();
  return "sv=2023-11-03&ss=b&srt=sco&sp=rwdlac&se=2027-01-01T00%3A00%3A00Z&sig=" +
         sim::encode(sim::base64(sim::hmac_sha256(key, text)));
}

class Azure final : public Cloud {
 public:
  explicit Azure(const CloudOptions& options)
      : options_(options),
        server_(std::make_shared<sim::azure::Server>(server_options(options.variant))),
        tokens_({}, server_->options().account) {}

  std::shared_ptr<sim::Service> service() override { return server_; }

  void configure(vfs::Config& config) const override {
    const sim::azure::Account& account = server_->options().account;
    config.azure = {.account = account.name, .hierarchical = options_.variant == 3};
    // An emulator has no second endpoint, for files: there a hierarchical account is the cloud's.
    if (options_.variant != 3) {
      config.azure.endpoint_url = "http://127.0.0.1:10000/" + account.name;
    }
    if (options_.rotating_credentials) {
      const sim::azure::TokenOptions known{};
      config.azure.tenant_id = known.tenant;
      config.azure.client_id = known.client_id;
      config.azure.client_secret = vfs::Secret(known.client_secret);
    } else if (options_.variant == 1) {
      config.azure.sas_token = vfs::Secret(account_sas(account));
    } else {
      config.azure.account_key = vfs::Secret(account.key);
    }
    config.environment = [](std::string_view name) -> std::optional<std::string> {
      if (name == "HOME") return "/nonexistent";
      return {};
    };
  }

  std::shared_ptr<vfs::Store> make_store(const vfs::Services& services) const override {
    return vfs::make_azure_store_on(vfs::Url::parse("az://bkt"), services);
  }

  bool asks_for_credentials(const vfs::net::Request& request) const override {
    return request.url.starts_with("https://login.microsoftonline.com/");
  }

  /// Each token that is given makes those before it worthless.
  sim::Reply answer_for_credentials(const vfs::net::Request& request, sim::TimePoint now) override {
    return tokens_.answer(request, now).value();
  }

 private:
  CloudOptions options_;
  std::shared_ptr<sim::azure::Server> server_;
  sim::azure::TokenIssuer tokens_;
};

}  // namespace

std::unique_ptr<Cloud> make_cloud(const CloudOptions& options) {
  return std::make_unique<Azure>(options);
}

std::span<const Variant> variants() {
  return kVariants;
}

Floors floors() {
  return {.reads = 1'700, .writes = 5'000, .trees = 2'000, .doubts = 1'200};
}

sim::Fault throttling() {
  return sim::Fault::status_503;
}

}  // namespace cairn::test
