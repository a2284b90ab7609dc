#include "vfs/gcs/config.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "vfs/error.hpp"
#include "vfs/net/text.hpp"

namespace cairn::vfs::gcs {
namespace {

[[noreturn]] void refuse(std::string_view bucket, std::string message, std::string hint = {}) {
  throw Error(ErrorCode::invalid_argument, {.operation = "open",
                                            .url = fmt::format("gs://{}", bucket),
                                            .message = std::move(message),
                                            .hint = std::move(hint)});
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/// https://cloud.google.com/storage/docs/buckets#naming
void check_bucket(std::string_view bucket) {
  const bool characters = std::ranges::all_of(
      bucket, [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.'; });
  const bool ends =
      !bucket.empty() && is_letter_or_digit(bucket.front()) && is_letter_or_digit(bucket.back());
  const std::size_t longest = bucket.find('.') == std::string_view::npos ? 63 : 222;
  if (characters && ends && bucket.size() >= 3 && bucket.size() <= longest) return;
  refuse(bucket, "this is not the name of a bucket",
         "it has 3 to 63 characters, lower-case letters, digits, '-', '_' and '.', and begins and "
         "ends with a letter or a digit");
}

std::string check_endpoint(std::string_view bucket, std::string endpoint, bool anonymous,
                           const Config& config) {
  while (endpoint.ends_with('/')) endpoint.pop_back();
  const bool plain = endpoint.starts_with("http://");
  if (!plain && !endpoint.starts_with("https://")) {
    refuse(bucket, fmt::format("the endpoint \"{}\" is not a URL", net::redact_url(endpoint)),
           "write it with its scheme, such as http://127.0.0.1:4443");
  }
  const std::string_view host = net::host_of(endpoint);
  const bool more = net::origin_of(endpoint) != endpoint;
  if (host.empty() || more || endpoint.find_first_of("@ \t\r\n") != std::string::npos) {
    refuse(bucket, fmt::format("the endpoint \"{}\" is not valid", net::redact_url(endpoint)),
           "it consists of scheme, host and port");
  }
  if (plain && !anonymous && !net::is_loopback(host) && !config.http.allow_plain_http) {
    refuse(bucket, fmt::format("credentials would go unencrypted over http to {}", host),
           "use https, or set HttpOptions::allow_plain_http if that network is trusted");
  }
  return endpoint;
}

}  // namespace

BucketConfig resolve_bucket(std::string_view bucket, const Config& config,
                            const Variables& variables) {
  check_bucket(bucket);
  const GcsOptions& options = config.gcs;
  BucketConfig result{.bucket = std::string(bucket),
                      .anonymous = options.anonymous,
                      .user_project = options.user_project,
                      .storage_class = options.storage_class,
                      .upload = options.upload};
  std::string endpoint = options.endpoint_url;
  if (const auto emulator = variables.find("STORAGE_EMULATOR_HOST"); emulator && endpoint.empty()) {
    endpoint = emulator->find("://") == std::string::npos ? "http://" + *emulator : *emulator;
    // Google's clients send nothing to an emulator, whatever credentials this machine has.
    const bool given = !options.token.empty() || !options.credentials_file.empty() ||
                       !options.credentials_json.empty();
    result.anonymous = result.anonymous || !given;
  }
  if (endpoint.empty()) return result;
  result.endpoint = check_endpoint(bucket, std::move(endpoint), result.anonymous, config);
  result.googles_own = net::host_of(result.endpoint).ends_with(".googleapis.com");
  return result;
}

UploadWay upload_way(const BucketConfig& config, bool conditional) {
  switch (config.upload) {
    case GcsUpload::xml:
      return conditional ? UploadWay::xml_then_rewrite : UploadWay::xml;
    case GcsUpload::compose:
      return UploadWay::compose;
    case GcsUpload::resumable:
      return UploadWay::resumable;
    case GcsUpload::automatic:
      break;
  }
  return config.googles_own && !conditional ? UploadWay::xml : UploadWay::compose;
}

}  // namespace cairn::vfs::gcs
