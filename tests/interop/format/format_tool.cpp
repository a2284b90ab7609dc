// Reads checkpoints, and safetensors files by their name, and writes them again, for tests in Python:
//   format-tool FROM-URL TO-URL [--alignment N] [--index] [--allow-opaque]
// Without --index what is written is what torch.save writes. With "-" for the URLs, pairs of lines
// on standard input name them; a line "ok", or what went wrong, answers each.
#include <exception>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>

#include "checkpoint/format/archive.hpp"
#include "checkpoint/format/safetensors.hpp"
#include "vfs/context.hpp"

namespace {

using cairn::checkpoint::SaveOptions;

SaveOptions parse(int argc, char* argv[]) {
  SaveOptions options{.index = false};
  for (int i = 3; i < argc; ++i) {
    const std::string_view option = argv[i];
    if (option == "--index") options.index = true;
    if (option == "--allow-opaque") options.allow_opaque = true;
    if (option == "--alignment" && i + 1 < argc)
      options.alignment = static_cast<std::uint32_t>(std::stoul(argv[++i]));
  }
  return options;
}

void copy(const std::string& from_url, const std::string& to_url, const SaveOptions& options) {
  static const auto context = cairn::vfs::Context::make();
  const auto from = context->resolve(from_url);
  const auto to = context->resolve(to_url);
  if (from.path.string().ends_with(".safetensors")) {
    const auto content = cairn::checkpoint::format::load_safetensors(from.file_system, from.path);
    cairn::checkpoint::format::save_safetensors(to.file_system, to.path, content);
    return;
  }
  const auto root = cairn::checkpoint::format::load(from.file_system, from.path);
  cairn::checkpoint::format::save(to.file_system, to.path, root, options);
}

}  // namespace

int main(int argc, char* argv[]) {
  if (argc < 3) {
    std::cerr << "usage: format-tool FROM-URL TO-URL [--alignment N] [--index] [--allow-opaque]\n";
    return 2;
  }
  const SaveOptions options = parse(argc, argv);
  if (std::string_view(argv[1]) != "-") {
    try {
      copy(argv[1], argv[2], options);
    } catch (const std::exception& error) {
      std::cerr << error.what() << "\n";
      return 1;
    }
    return 0;
  }
  std::string from;
  std::string to;
  while (std::getline(std::cin, from) && std::getline(std::cin, to)) {
    try {
      copy(from, to, options);
      std::cout << "ok" << std::endl;
    } catch (const std::exception& error) {
      std::cout << error.what() << std::endl;
    }
  }
}
