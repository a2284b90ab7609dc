#include "vfs/s3/config.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "vfs/error.hpp"
#include "vfs/net/text.hpp"
#include "vfs/s3/object_options.hpp"

namespace cairn::vfs::s3 {
namespace {

constexpr std::size_t kMaxFile = 4U << 20U;

std::string file_path(const Variables& variables, std::string_view variable,
                      std::string_view standard) {
  const std::string path = variables.find(variable).value_or(std::string(standard));
  return path.starts_with("~/") ? home_folder(variables) + path.substr(1) : path;
}

std::optional<Ini> load(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return {};
  std::string text(kMaxFile, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return parse_ini(text);
}

const std::string* find_in(const std::optional<Ini>& file, std::string_view section,
                           std::string_view key) {
  if (!file) return nullptr;
  const auto found = file->find(section);
  if (found == file->end()) return nullptr;
  const auto value = found->second.find(key);
  return value == found->second.end() || value->second.empty() ? nullptr : &value->second;
}

[[noreturn]] void refuse(std::string_view bucket, std::string message, std::string hint = {}) {
  throw Error(ErrorCode::invalid_argument, {.operation = "open",
                                            .url = fmt::format("s3://{}", bucket),
                                            .message = std::move(message),
                                            .hint = std::move(hint)});
}

bool is_true(const std::optional<std::string>& text) {
  return text && net::equal_ignoring_case(*text, "true");
}

std::string check_endpoint(std::string_view bucket, std::string endpoint, const Config& config) {
  while (endpoint.ends_with('/')) endpoint.pop_back();
  const bool plain = endpoint.starts_with("http://");
  if (!plain && !endpoint.starts_with("https://")) {
    refuse(bucket, fmt::format("the endpoint \"{}\" is not a URL", net::redact_url(endpoint)),
           "write it with its scheme, such as https://minio.example.org:9000");
  }
  const std::string_view host = net::host_of(endpoint);
  if (host.empty() || endpoint.find_first_of("@?# \t\r\n") != std::string::npos) {
    refuse(bucket, fmt::format("the endpoint \"{}\" is not valid", net::redact_url(endpoint)),
           "it consists of scheme, host and port, and holds no user name");
  }
  if (!plain || net::is_loopback(host)) return endpoint;
  if (!config.s3.encryption.customer_key.empty()) {
    refuse(bucket, fmt::format("the encryption key would go unencrypted over http to {}", host),
           "use https: S3 takes such a key over nothing else");
  }
  if (!config.s3.anonymous && !config.http.allow_plain_http) {
    refuse(bucket, fmt::format("credentials would go unencrypted over http to {}", host),
           "use https, or set HttpOptions::allow_plain_http if that network is trusted");
  }
  return endpoint;
}

bool is_dns_name(std::string_view bucket) {
  return bucket.size() >= 3 && bucket.size() <= 63 && std::ranges::all_of(bucket, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

void check_bucket(std::string_view bucket) {
  const bool valid = !bucket.empty() && bucket.size() <= 255 && bucket != "." && bucket != ".." &&
                     std::ranges::all_of(bucket, [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                              (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
                     });
  if (bucket.starts_with("arn:")) {
    refuse(bucket, "ARNs are not supported",
           "an access point's alias (it ends in -s3alias) works like the name of a bucket");
  }
  if (bucket.ends_with("--x-s3")) {
    refuse(bucket, "directory buckets (S3 Express One Zone) are not supported");
  }
  if (!valid) {
    refuse(bucket, "this is not the name of a bucket",
           "a bucket's name consists of letters, digits, '-', '.' and '_'");
  }
}

bool wants_path_style(S3Addressing addressing, const ProfileFiles& files,
                      const BucketConfig& config) {
  const std::string* style = files.setting("s3.addressing_style");
  const bool is_host = is_dns_name(config.bucket);
  switch (addressing) {
    case S3Addressing::automatic:
      if (style != nullptr && *style == "path") return true;
      if (style != nullptr && *style == "virtual") return !is_host;
      return !config.endpoint.empty() || !is_host;
    case S3Addressing::path:
      return true;
    case S3Addressing::virtual_host:
      break;
  }
  // Host names know no case, and AWS's certificates cover one label before "s3".
  const bool dots_only = std::ranges::all_of(config.bucket, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
  if (!is_host && (!dots_only || config.endpoint.empty())) {
    refuse(config.bucket, "the bucket's name can't be part of a host name",
           "use S3Addressing::automatic or path");
  }
  return false;
}

/// Dual-stack, FIPS and acceleration: asked for, and possible together.
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-endpoints.html
void choose_variant(BucketConfig& result, const S3Options& options, const Variables& variables,
                    const ProfileFiles& files) {
  const auto is_set = [&](bool option, const char* variable,
                          std::initializer_list<std::string_view> settings) {
    if (option) return true;
    if (*variable != '\0') {
      if (const auto value = variables.find(variable)) return is_true(value);
    }
    return std::ranges::any_of(settings, [&files](std::string_view name) {
      const std::string* value = files.setting(name);
      return value != nullptr && is_true(*value);
    });
  };
  result.dualstack = is_set(options.use_dualstack, "AWS_USE_DUALSTACK_ENDPOINT",
                            {"use_dualstack_endpoint", "s3.use_dualstack_endpoint"});
  result.fips = is_set(options.use_fips, "AWS_USE_FIPS_ENDPOINT", {"use_fips_endpoint"});
  result.accelerate = is_set(options.use_accelerate, "", {"s3.use_accelerate_endpoint"});
  const bool china = result.region.starts_with("cn-");
  std::string_view wrong;
  if (!result.endpoint.empty() && (result.dualstack || result.fips || result.accelerate)) {
    wrong = "dual-stack, FIPS and acceleration are of AWS's own endpoints, not of a custom one";
  } else if (result.fips && result.accelerate) {
    wrong = "transfer acceleration has no FIPS endpoint";
  } else if (china && (result.fips || result.accelerate)) {
    wrong = "AWS in China has neither FIPS endpoints nor transfer acceleration";
  } else if (result.accelerate && result.path_style) {
    wrong = "transfer acceleration needs a bucket name that can be part of a host name";
  }
  if (!wrong.empty()) refuse(result.bucket, std::string(wrong));
}

/// Of AWS's partition that a region is in. Source: partitions.json of the AWS SDKs.
std::string_view dns_suffix(std::string_view region) {
  constexpr std::pair<std::string_view, std::string_view> kPartitions[]{
      {"cn-", "amazonaws.com.cn"},    {"us-iso-", "c2s.ic.gov"},      {"us-isob-", "sc2s.sgov.gov"},
      {"eu-isoe-", "cloud.adc-e.uk"}, {"us-isof-", "csp.hci.ic.gov"}, {"eusc-", "amazonaws.eu"},
  };
  for (const auto& [prefix, suffix] : kPartitions) {
    if (region.starts_with(prefix)) return suffix;
  }
  return "amazonaws.com";
}

std::string aws_host(const BucketConfig& config, std::string_view region) {
  const std::string_view dualstack = config.dualstack ? ".dualstack" : "";
  if (config.accelerate) return fmt::format("s3-accelerate{}.{}", dualstack, dns_suffix(region));
  return fmt::format("s3{}{}.{}.{}", config.fips ? "-fips" : "", dualstack, region,
                     dns_suffix(region));
}

}  // namespace

const std::string* ProfileFiles::setting_of(const std::string& name, std::string_view key) const {
  if (const std::string* value = find_in(config, "profile " + name, key)) return value;
  return name == "default" ? find_in(config, "default", key) : nullptr;
}

const std::string* ProfileFiles::key_of(const std::string& name, std::string_view key) const {
  return find_in(credentials, name, key);
}

const std::string* ProfileFiles::in_config(std::string_view section, std::string_view key) const {
  return find_in(config, section, key);
}

bool ProfileFiles::has_config_of(const std::string& name) const {
  return config && (config->contains("profile " + name) ||
                    (name == "default" && config->contains("default")));
}

bool ProfileFiles::has_credentials_of(const std::string& name) const {
  return credentials && credentials->contains(name);
}

const std::string* ProfileFiles::service_setting(std::string_view key) const {
  const std::string* services = setting("services");
  return services == nullptr ? nullptr : find_in(config, "services " + *services, key);
}

ProfileFiles load_profile_files(const S3Options& options, const Variables& variables) {
  ProfileFiles files;
  files.config_path = file_path(variables, "AWS_CONFIG_FILE", "~/.aws/config");
  files.credentials_path =
      file_path(variables, "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials");
  files.config = load(files.config_path);
  files.credentials = load(files.credentials_path);
  files.profile = options.profile;
  if (files.profile.empty()) {
    files.profile = variables.first_of({"AWS_PROFILE", "AWS_DEFAULT_PROFILE"}).value_or("default");
  }
  return files;
}

std::string configured_endpoint(const Variables& variables, const ProfileFiles& files,
                                std::string_view variable, std::string_view service) {
  if (is_true(variables.find("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"))) return {};
  if (const auto url = variables.first_of({variable, "AWS_ENDPOINT_URL"})) return *url;
  if (const std::string* url = files.service_setting(fmt::format("{}.endpoint_url", service))) {
    return *url;
  }
  if (const std::string* url = files.setting("endpoint_url")) return *url;
  return {};
}

std::string_view domain_of(std::string_view region) {
  return region.starts_with("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
}

BucketConfig resolve_bucket(std::string_view bucket, const Config& config,
                            const Variables& variables, const ProfileFiles& files) {
  check_bucket(bucket);
  BucketConfig result{.bucket = std::string(bucket)};
  result.anonymous = config.s3.anonymous;
  result.sign_payload = config.s3.sign_payload;
  if (auto wrong = check_object_options(config.s3); !wrong.empty()) {
    refuse(bucket, std::move(wrong));
  }
  result.endpoint = config.s3.endpoint_url.empty()
                        ? configured_endpoint(variables, files, "AWS_ENDPOINT_URL_S3", "s3")
                        : config.s3.endpoint_url;
  if (!result.endpoint.empty()) {
    result.endpoint = check_endpoint(bucket, result.endpoint, config);
  }
  const std::string* profile_region = files.setting("region");
  if (!config.s3.region.empty()) {
    result.region = config.s3.region;
  } else if (const auto region = variables.first_of({"AWS_REGION", "AWS_DEFAULT_REGION"})) {
    result.region = *region;
  } else if (profile_region != nullptr) {
    result.region = *profile_region;
  }
  if (!is_region(result.region)) {
    refuse(bucket, fmt::format("\"{}\" is not the name of a region", result.region));
  }
  result.path_style = wants_path_style(config.s3.addressing, files, result);
  choose_variant(result, config.s3, variables, files);
  const auto checksums = variables.find("AWS_REQUEST_CHECKSUM_CALCULATION");
  result.send_checksums = !checksums || !net::equal_ignoring_case(*checksums, "when_required");
  return result;
}

std::string base_url(const BucketConfig& config, std::string_view region) {
  std::string endpoint =
      config.endpoint.empty() ? "https://" + aws_host(config, region) : config.endpoint;
  if (config.path_style) return fmt::format("{}/{}", endpoint, config.bucket);
  return endpoint.insert(endpoint.find("://") + 3, config.bucket + ".");
}

bool is_region(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

}  // namespace cairn::vfs::s3
