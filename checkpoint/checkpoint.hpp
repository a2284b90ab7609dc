// Save and load: checkpoint::save("s3://bucket/x.ckpt", {{"model", state_dict(*model)}, {"step", 100}}).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "checkpoint/format/archive.hpp"
#include "checkpoint/format/value.hpp"
#include "checkpoint/state.hpp"
#include "checkpoint/tensor.hpp"
#include "vfs/context.hpp"

namespace cairn::checkpoint {

/// Writes what torch.load(weights_only=True) and Lightning open. Nothing is visible before all is there. `context` empty: the
/// process's own. Thread-safe; the tensors must not change meanwhile.
CAIRN_API vfs::WriteResult save(std::string_view url, const Value& root, const SaveOptions& options = {},
                                const std::shared_ptr<vfs::Context>& context = {});
/// Reads what save, torch.save or Lightning wrote: as data, never as code. Tensors come on the CPU. Thread-safe.
[[nodiscard]] CAIRN_API Value load(std::string_view url, const LoadOptions& options = {}, const std::shared_ptr<vfs::Context>& context = {});

/// The tree of a file now, its tensors when they are asked for:
///   const auto file = checkpoint::open(url);
///   auto head = file.load("state_dict.head.weight").as<at::Tensor>();
/// Two requests, and one for each load; see format::Archive.
[[nodiscard]] CAIRN_API format::Archive open(std::string_view url, const LoadOptions& options = {},
                                             const std::shared_ptr<vfs::Context>& context = {});

struct LoadIntoOptions {
  std::string path{"state_dict"};  ///< where in the file the names of the module are
  LoadStateOptions state{};        ///< strict, prefix, rename, skip_mismatched
};

/// Reads the tensors that the module takes, and no others, straight into the module's memory where type and layout are the same; else
/// they are copied (to another device, too). Names and shapes are checked before anything is read, and after an Error(mismatch) the
/// module is as it was. An error of reading (a damaged record, a server that is gone) leaves it partly loaded: load again.
CAIRN_API LoadReport load_into(torch::nn::Module& module, const format::Archive& file, const LoadIntoOptions& options = {});

}  // namespace cairn::checkpoint
