// The commands for checkpoints: archives of torch.save and safetensors files, told apart by their
// content. Each throws vfs::Error and checkpoint::Error.
#pragma once

#include <string>

#include "tools/cairn/commands.hpp"

namespace cairn::tools {

struct ShowCommand {
  std::string url{};
  std::string part{};  ///< "state_dict.fc.weight"; empty: all
  bool json{false};
};

struct DiffCommand {
  std::string left{};
  std::string right{};
  double rtol{0};
  double atol{0};
};

struct ExtractCommand {
  std::string url{};
  std::string part{};
  std::string to{};
  bool raw{false};  ///< a tensor's elements and nothing else
};

struct ConvertCommand {
  std::string from{};
  std::string to{};
  std::string part{};  ///< of what is in `from`
  bool repeat_shared{false};
};

/// The tree with kinds, shapes and sizes. Reads no tensor's elements.
void show(const Session& session, const ShowCommand& command);
/// Reads all that has a checksum and compares.
void verify(const Session& session, const std::string& url);
/// One line for each place where the two are not the same. Returns whether there was none.
[[nodiscard]] bool diff(const Session& session, const DiffCommand& command);
/// A part as a safetensors file, or a tensor's elements. `to` as raw may be "-".
void extract(const Session& session, const ExtractCommand& command);
/// To safetensors if the name ends so, else to an archive of torch.save.
void convert(const Session& session, const ConvertCommand& command);

}  // namespace cairn::tools
