// Parts of one file, written into a temporary file at their places, from many threads.
#pragma once

#include <memory>

#include "vfs/file/temporary.hpp"
#include "vfs/store.hpp"

namespace cairn::vfs::file {

[[nodiscard]] std::unique_ptr<Upload> make_upload(std::unique_ptr<Temporary> temporary,
                                                  std::string url, WriteOptions options);

}  // namespace cairn::vfs::file
