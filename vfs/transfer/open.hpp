// Makes the streams of stream.hpp.
#pragma once

#include <memory>

#include "vfs/store.hpp"
#include "vfs/stream.hpp"

namespace cairn::vfs {

class Context;

namespace transfer {

/// What an open file keeps alive.
struct Owner {
  std::shared_ptr<Context> context;  // goes last: declared first
  std::shared_ptr<Store> store;
};

/// Asks for size and etag. Throws not_found, is_a_directory.
[[nodiscard]] Reader open_reader(Owner owner, const Path& path, const ReadOptions& options);

/// Sends nothing yet. How many parts there will be is not known before the end: where their number
/// is limited, they double each 1,000 parts (8 TiB by default on S3). With
/// TransferOptions::fixed_part_size a file ends at part size × number of parts (80 GiB).
[[nodiscard]] Writer open_writer(Owner owner, const Path& path, const WriteOptions& options);

}  // namespace transfer
}  // namespace cairn::vfs
