// Where a bucket is and how it is spoken to: options, then the environment.
#pragma once

#include <string>
#include <string_view>

#include "vfs/base/variables.hpp"
#include "vfs/config.hpp"

namespace cairn::vfs::gcs {

/// All that is known about a bucket before the first request.
struct BucketConfig {
  std::string bucket{};
  std::string endpoint{"https://storage.googleapis.com"};
  bool googles_own{true};  ///< false: an emulator, or something else that speaks the API
  bool anonymous{false};
  std::string user_project{};
  std::string storage_class{};
  GcsUpload upload{GcsUpload::automatic};
};
/// Throws Error(invalid_argument) for a bucket name or endpoint that can't be one, and for
/// credentials over plain http.
[[nodiscard]] BucketConfig resolve_bucket(std::string_view bucket, const Config& config,
                                          const Variables& variables);

/// How an upload in parts is made.
enum class UploadWay {
  xml,
  xml_then_rewrite,  ///< into a temporary object first: the XML API knows no conditions
  compose,
  resumable,
};
/// `automatic` is XML at Google, and compose for conditional writes and elsewhere: emulators have
/// no multipart uploads.
[[nodiscard]] UploadWay upload_way(const BucketConfig& config, bool conditional);

}  // namespace cairn::vfs::gcs
