// The bytes of a checkpoint file as a tree.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "checkpoint/format/archive.hpp"
#include "checkpoint/format/decoder.hpp"
#include "checkpoint/format/source.hpp"
#include "checkpoint/format/zip_directory.hpp"
#include "checkpoint/format/zip_records.hpp"

namespace cairn::checkpoint::format {

/// An archive whose tensors are not read. Errors do not name the file.
struct Contents {
  ZipDirectory directory;
  Value root{};
  std::vector<Rebuilder::Keyed> storages{};
};

[[nodiscard]] Contents read_contents(Source& source, const LoadOptions& options);
/// As format::load, from any source.
[[nodiscard]] Value read_archive(Source& source, const LoadOptions& options);

}  // namespace cairn::checkpoint::format
