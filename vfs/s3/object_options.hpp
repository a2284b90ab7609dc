// What S3 is told beside the bytes: who pays, who owns, where and how encrypted they are kept.
// Pure.
#pragma once

#include <string>

#include "vfs/config.hpp"
#include "vfs/net/transport.hpp"
#include "vfs/types.hpp"

namespace cairn::vfs::s3 {

/// Empty if the options make sense, else what is wrong with them.
[[nodiscard]] std::string check_object_options(const S3Options& options);

/// Of every request: the payer and the expected owner of the bucket.
void add_account(net::Headers& headers, const S3Options& options);

/// SSE-C: of every request that reads or writes bytes of an object or asks for its head.
void add_customer_key(net::Headers& headers, const S3Encryption& encryption);

/// Of requests that make an object: storage class, tags, labels, encryption.
void add_object_options(net::Headers& headers, const S3Options& options, const WriteOptions& write);

/// Of copies: how the source is encrypted and whose bucket it is in.
void add_copy_source_options(net::Headers& headers, const S3Options& options);

}  // namespace cairn::vfs::s3
