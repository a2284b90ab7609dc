// Archives in memory, and pickles written by hand.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/format/archive.hpp"
#include "checkpoint/format/source.hpp"
#include "vfs/bytes.hpp"

namespace cairn::checkpoint::format {

/// A file of tests/golden ($CAIRN_GOLDEN), made by Python.
[[nodiscard]] std::string golden_file(const std::string& name);
/// One of torch.save.
[[nodiscard]] std::string golden(std::string_view name);
/// The file, which has to outlive it.
[[nodiscard]] Source source_of(const std::string& file);
[[nodiscard]] Value read_bytes(const std::string& file, const LoadOptions& options = {});
[[nodiscard]] std::string write_bytes(const Value& root, const SaveOptions& options = {});

/// All bytes of a body.
[[nodiscard]] std::string flatten(const vfs::Body& body);

struct NamedRecord {
  std::string name{};
  std::string content{};
};

/// A correct zip of these records.
[[nodiscard]] std::string make_zip(const std::vector<NamedRecord>& records,
                                   std::string_view root = "archive");
/// A correct archive around a pickle, with one storage of 16 bytes, data/0.
[[nodiscard]] std::string around(const std::string& pickle);
/// What a file is refused with; empty if it is read.
[[nodiscard]] std::string refusal(const std::string& file, const LoadOptions& options = {});

/// The float32 tensor that owns its elements.
[[nodiscard]] StoredTensor make_tensor(std::vector<float> elements,
                                       std::vector<std::int64_t> sizes);

}  // namespace cairn::checkpoint::format
