#include "trainer/examples/seed/support.hpp"

#include <algorithm>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <vector>

#include "vfs/context.hpp"
#include "vfs/file_system.hpp"

namespace seed {

void expect(bool claim, std::string_view text) {
  if (!claim) throw std::runtime_error("does not hold: " + std::string(text));
  std::cout << "holds: " << text << '\n';
}

std::size_t count_files(const std::string& directory, std::string_view ending) {
  const cairn::vfs::Location location = cairn::vfs::Context::standard()->resolve(directory);
  const std::vector<cairn::vfs::FileInfo> files =
      location.file_system.list(location.path, {.recursive = true});
  const auto matches = [&](const cairn::vfs::FileInfo& file) {
    return file.path.string().ends_with(ending);
  };
  return static_cast<std::size_t>(std::count_if(files.begin(), files.end(), matches));
}

bool same_weights(const torch::nn::Module& left, const torch::nn::Module& right) {
  const std::vector<at::Tensor> a = left.parameters();
  const std::vector<at::Tensor> b = right.parameters();
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const at::Tensor& x, const at::Tensor& y) { return x.equal(y); });
}

int run(int argc, char** argv, void (*example)(const std::string& root)) {
  if (argc != 2) {
    std::cerr << "usage: " << argv[0] << " ROOT_URL\n";
    return 2;
  }
  try {
    example(argv[1]);
  } catch (const std::exception& error) {
    std::cerr << argv[0] << ": " << error.what() << '\n';
    return 1;
  }
  return 0;
}

}  // namespace seed
