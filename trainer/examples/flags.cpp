#include "trainer/examples/flags.hpp"

#include <cstdlib>
#include <iostream>

#include <CLI/CLI.hpp>

namespace fashion_mnist {
namespace {

CLI::Validator at_least(std::int64_t least) {
  return CLI::Validator(
      [least](const std::string& text) {
        std::int64_t number = 0;
        const bool good = CLI::detail::lexical_cast(text, number) && number >= least;
        return good
                   ? std::string()
                   : "\"" + text + "\" is not a whole number from " + std::to_string(least) + " on";
      },
      "", "");
}

}  // namespace

Flags parse_flags(int argc, const char* const* argv) {
  Flags flags;
  CLI::App app(
      "Trains a small convolutional network on Fashion-MNIST, with its checkpoints and logs at any "
      "URL.",
      "fashion_mnist");
  app.option_defaults()->always_capture_default();
  app.add_option("--root", flags.root,
                 "where checkpoints and logs go: s3://bucket/run, a folder, memory:run");
  app.add_option("--ckpt-path", flags.ckpt_path,
                 "resume: URL of a checkpoint, or \"last\" of --root");
  app.add_option("--max-epochs", flags.max_epochs, "in all, with what was trained before a resume")
      ->check(at_least(1));
  app.add_option("--max-steps", flags.max_steps, "in all; what comes first ends the training")
      ->check(at_least(1));
  app.add_option("--seed", flags.seed, "of weights, data order and dropout")->check(at_least(0));
  app.add_option("--batch-size", flags.batch_size, "images")->check(at_least(1));
  app.add_option("--hidden", flags.hidden, "units of the hidden layer")->check(at_least(1));
  app.add_option("--threads", flags.threads,
                 "of the CPU; more are slower for a network as small, and round differently")
      ->check(at_least(1));
  app.add_option("--accelerator", flags.accelerator)->check(CLI::IsMember({"auto", "cpu", "cuda"}));
  app.add_option("--checkpoint-every", flags.checkpoint_every, "steps; the best epoch is kept too")
      ->check(at_least(1));
  app.add_option("--print-every", flags.print_every,
                 "steps: lines on stdout in place of the progress bar")
      ->check(at_least(1));
  app.add_option("--data", flags.data,
                 "folder with the four IDX files (Debian: dataset-fashion-mnist)");
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    std::exit(app.exit(help));
  } catch (const CLI::ParseError& error) {
    std::cerr << "fashion_mnist: " << error.what() << " (see --help)\n";
    std::exit(2);
  }
  return flags;
}

}  // namespace fashion_mnist
