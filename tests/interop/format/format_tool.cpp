// Reads checkpoints, and safetensors files by their name, and writes them again, for tests in
// Python:
//   format-tool FROM-URL TO-URL [--alignment N] [--index] [--allow-opaque]
// Without --index what is written is what torch.save writes. With "-" for the URLs, pairs of lines
// on standard input name them; a line "ok", or what went wrong, answers each.
//   format-tool write-random FOLDER COUNT SEED
//   format-tool check-random FOLDER COUNT SEED
// write COUNT files 0.pt, 1.pt, … of random values, and tell how many of those that Python made of
// them hold the same.
#include <exception>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>

#include "checkpoint/format/archive.hpp"
#include "checkpoint/format/safetensors.hpp"
#include "tests/interop/format/difference.hpp"
#include "tests/interop/format/random_values.hpp"
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

int copy_one(const std::string& from, const std::string& to, const SaveOptions& options) {
  try {
    copy(from, to, options);
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
  return 0;
}

void copy_as_told(const SaveOptions& options) {
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

struct RandomFiles {
  cairn::vfs::FileSystem files;
  std::uint64_t count{0};
  std::uint64_t seed{0};

  [[nodiscard]] static cairn::vfs::Path path(std::uint64_t number) {
    return cairn::vfs::Path(std::to_string(number) + ".pt");
  }
};

// Every other file has the index, which Python ignores.
int write_random(const RandomFiles& random) {
  for (std::uint64_t i = 0; i < random.count; ++i) {
    const auto state = interop::random_state(random.seed + i);
    cairn::checkpoint::format::save(random.files, RandomFiles::path(i), state,
                                    {.index = i % 2 == 0});
  }
  return 0;
}

std::string random_problem(const RandomFiles& random, std::uint64_t number) {
  const auto made = interop::random_state(random.seed + number);
  const auto read = cairn::checkpoint::format::load(random.files, RandomFiles::path(number));
  return interop::difference(made, read);
}

int check_random(const RandomFiles& random) {
  std::uint64_t same = 0;
  for (std::uint64_t i = 0; i < random.count; ++i) {
    try {
      const std::string problem = random_problem(random, i);
      if (problem.empty()) ++same;
      if (!problem.empty()) std::cerr << "seed " << random.seed + i << ": " << problem << "\n";
    } catch (const std::exception& error) {
      std::cerr << "seed " << random.seed + i << ": " << error.what() << "\n";
    }
  }
  std::cout << same << " of " << random.count << " are the same\n";
  return same == random.count ? 0 : 1;
}

}  // namespace

int main(int argc, char* argv[]) {
  const std::string_view command = argc > 1 ? argv[1] : "";
  if (argc == 5 && command.ends_with("-random")) {
    const RandomFiles random{
        .files = cairn::vfs::FileSystem::open("file://" + std::string(argv[2])),
        .count = std::stoull(argv[3]),
        .seed = std::stoull(argv[4]),
    };
    return command == "write-random" ? write_random(random) : check_random(random);
  }
  if (argc < 3) {
    std::cerr << "usage: format-tool FROM-URL TO-URL [--alignment N] [--index] [--allow-opaque]\n"
                 "       format-tool write-random|check-random FOLDER COUNT SEED\n";
    return 2;
  }
  const SaveOptions options = parse(argc, argv);
  if (command != "-") return copy_one(argv[1], argv[2], options);
  copy_as_told(options);
}
