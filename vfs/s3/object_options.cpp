#include "vfs/s3/object_options.hpp"

#include <algorithm>
#include <string_view>

#include "vfs/crypto/digest.hpp"
#include "vfs/crypto/encoding.hpp"
#include "vfs/error.hpp"
#include "vfs/net/text.hpp"

namespace cairn::vfs::s3 {
namespace {

constexpr std::size_t kCustomerKeySize = 32;
constexpr std::size_t kMaxTags = 10;  // S3 refuses more

bool is_account_id(std::string_view text) {
  return text.size() == 12 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_aws_kms(const S3Encryption& encryption) {
  return encryption.server_side_encryption.starts_with("aws:kms");
}

void set_if(net::Headers& headers, std::string_view name, std::string_view value) {
  if (!value.empty()) headers.set(name, value);
}

void set_visible(net::Headers& headers, std::string_view name, std::string_view value) {
  if (!net::is_visible_ascii(value)) {
    throw Error(ErrorCode::invalid_argument,
                {.operation = "write",
                 .message = std::string(name) + " is not plain text",
                 .hint = "it travels as an HTTP header: only visible ASCII is allowed"});
  }
  set_if(headers, name, value);
}

/// "name=value&other=value", percent-encoded.
std::string tagging(const Metadata& tags) {
  if (tags.size() > kMaxTags) {
    throw Error(ErrorCode::invalid_argument,
                {.operation = "write", .message = "an object has at most 10 tags"});
  }
  std::string text;
  for (const auto& [name, value] : tags) {
    if (!text.empty()) text += '&';
    text.append(net::percent_encode(name)).append("=").append(net::percent_encode(value));
  }
  return text;
}

void add_key(net::Headers& headers, std::string prefix, const Secret& key) {
  if (key.empty()) return;
  const auto bytes = as_bytes(key.reveal());
  prefix += "server-side-encryption-customer-";
  headers.set(prefix + "algorithm", "AES256");
  headers.set(prefix + "key", crypto::base64(bytes));
  headers.set(prefix + "key-md5", crypto::base64(crypto::md5(bytes)));
}

}  // namespace

std::string check_object_options(const S3Options& options) {
  const S3Encryption& encryption = options.encryption;
  const std::size_t key_size = encryption.customer_key.reveal().size();
  if (key_size != 0 && key_size != kCustomerKeySize) {
    return "the customer key of S3Encryption has to have 32 bytes";
  }
  if (key_size != 0 && !encryption.server_side_encryption.empty()) {
    return "S3Encryption names both a customer key and an encryption by S3's keys";
  }
  const bool kms_only = !encryption.kms_key_id.empty() || !encryption.kms_context.empty() ||
                        encryption.bucket_key_enabled;
  if (kms_only && !is_aws_kms(encryption)) {
    return "a KMS key, context or bucket key needs server_side_encryption \"aws:kms\"";
  }
  if (!net::is_visible_ascii(encryption.server_side_encryption) ||
      !net::is_visible_ascii(encryption.kms_key_id) ||
      !net::is_visible_ascii(options.storage_class)) {
    return "encryption, KMS key and storage class have to be plain text";
  }
  if (!options.expected_bucket_owner.empty() && !is_account_id(options.expected_bucket_owner)) {
    return "expected_bucket_owner is an account ID of 12 digits";
  }
  return {};
}

void add_account(net::Headers& headers, const S3Options& options) {
  if (options.request_payer) headers.set("x-amz-request-payer", "requester");
  set_if(headers, "x-amz-expected-bucket-owner", options.expected_bucket_owner);
}

void add_customer_key(net::Headers& headers, const S3Encryption& encryption) {
  add_key(headers, "x-amz-", encryption.customer_key);
}

void add_object_options(net::Headers& headers, const S3Options& options,
                        const WriteOptions& write) {
  set_visible(headers, "cache-control", write.cache_control);
  set_visible(headers, "content-disposition", write.content_disposition);
  set_visible(headers, "content-encoding", write.content_encoding);
  set_visible(headers, "x-amz-storage-class",
              write.storage_class.empty() ? options.storage_class : write.storage_class);
  set_if(headers, "x-amz-tagging", tagging(write.tags));
  const S3Encryption& encryption = options.encryption;
  set_if(headers, "x-amz-server-side-encryption", encryption.server_side_encryption);
  set_if(headers, "x-amz-server-side-encryption-aws-kms-key-id", encryption.kms_key_id);
  if (!encryption.kms_context.empty()) {
    headers.set("x-amz-server-side-encryption-context",
                crypto::base64(as_bytes(encryption.kms_context)));
  }
  if (encryption.bucket_key_enabled) {
    headers.set("x-amz-server-side-encryption-bucket-key-enabled", "true");
  }
  add_customer_key(headers, encryption);
}

void add_copy_source_options(net::Headers& headers, const S3Options& options) {
  set_if(headers, "x-amz-source-expected-bucket-owner", options.expected_bucket_owner);
  add_key(headers, "x-amz-copy-source-", options.encryption.customer_key);
}

}  // namespace cairn::vfs::s3
