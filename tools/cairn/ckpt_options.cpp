#include "tools/cairn/ckpt_options.hpp"

#include <string>

namespace cairn::tools {

void add_checkpoint_commands(CLI::App& app, CheckpointOptions& options) {
  auto* ckpt = app.add_subcommand("ckpt", "look into checkpoints: of torch.save, or safetensors");
  ckpt->require_subcommand(1);

  auto* show = ckpt->add_subcommand("show", "the tree: kinds, shapes, sizes");
  show->add_option("url", options.show.url)->required();
  show->add_option("part", options.show.part, "a part: state_dict.fc.weight");
  show->add_flag("--json", options.show.json, "for programs");

  auto* verify = ckpt->add_subcommand("verify", "read all, and compare every checksum");
  verify->add_option("url", options.verify)->required();

  auto* diff = ckpt->add_subcommand("diff", "where two checkpoints are not the same");
  diff->add_option("left", options.diff.left)->required();
  diff->add_option("right", options.diff.right)->required();
  diff->add_option("--rtol", options.diff.rtol, "relative tolerance, as in torch.allclose")
      ->check(CLI::NonNegativeNumber);
  diff->add_option("--atol", options.diff.atol, "absolute tolerance")
      ->check(CLI::NonNegativeNumber);

  auto* extract = ckpt->add_subcommand("extract", "tensors of a part as a safetensors file");
  extract->add_option("url", options.extract.url)->required();
  extract->add_option("part", options.extract.part, "a tensor, or a dict of tensors")->required();
  extract->add_option("to", options.extract.to, "URL; with --raw also - for the standard output")
      ->required();
  extract->add_flag("--raw", options.extract.raw, "a tensor's elements and nothing else");

  auto* convert = ckpt->add_subcommand(
      "convert", "to safetensors if the name ends so, else to the format of torch.save");
  convert->add_option("from", options.convert.from)->required();
  convert->add_option("to", options.convert.to)->required();
  convert->add_option("--part", options.convert.part, "that alone: state_dict");
  convert->add_flag("--repeat-shared", options.convert.repeat_shared,
                    "write tensors that share memory once for each name");
}

ExitCode run_checkpoint(const CLI::App& ckpt, const Session& session,
                        const CheckpointOptions& options) {
  const std::string command = ckpt.get_subcommands().front()->get_name();
  if (command == "show") show(session, options.show);
  if (command == "verify") verify(session, options.verify);
  if (command == "extract") extract(session, options.extract);
  if (command == "convert") convert(session, options.convert);
  if (command == "diff" && !diff(session, options.diff)) return other;
  return success;
}

}  // namespace cairn::tools
