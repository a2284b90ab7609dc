// Checkpoints of either format as one tree, and the places in it.
#pragma once

#include <string>
#include <string_view>

#include "checkpoint/format/safetensors.hpp"
#include "checkpoint/format/value.hpp"
#include "tools/cairn/commands.hpp"
#include "vfs/file_system.hpp"

namespace cairn::tools {

enum class CheckpointFormat { torch, safetensors };
enum class Elements { load, leave };

/// By the first bytes: safetensors, or torch for everything else, whose reader says what it is
/// instead. Throws vfs::Error.
[[nodiscard]] CheckpointFormat format_of(const Session& session, const vfs::Location& location);

struct Checkpoint {
  CheckpointFormat format{CheckpointFormat::torch};
  /// Of safetensors an ordered dict, with the metadata as its attribute "__metadata__".
  checkpoint::Value part{};
};

/// The part of a file that a path names, with or without the tensors' elements: keys and positions,
/// joined by dots; keys may have dots themselves. The empty path names all. Throws
/// checkpoint::Error(key) that says how far the path led.
[[nodiscard]] Checkpoint open_part(const Session& session, const std::string& url,
                                   const std::string& part, Elements elements);

/// Dicts in dicts as one, whose names are joined by dots; a tensor alone is named by `name`. Throws
/// checkpoint::Error(type) for anything else than tensors.
[[nodiscard]] checkpoint::Safetensors flatten(const checkpoint::Value& part, std::string_view name);

/// Lists, tuples, dicts and sets, each of which can be in a tree at many places.
[[nodiscard]] bool is_container(const checkpoint::Value& value);
/// A key as it stands in a path.
[[nodiscard]] std::string path_text(const checkpoint::Value& key);
[[nodiscard]] std::string join_path(const std::string& path, const std::string& key);
/// The shortest text that stands for the number; nan, inf.
[[nodiscard]] std::string number_text(double value);
/// For a terminal: control characters escaped, and cut where it is long.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace cairn::tools
