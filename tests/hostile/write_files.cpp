// Writes the catalogue to a folder, as inputs for other programs: hostile-files (zip|pickle) FOLDER
#include <cstddef>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>

#include "tests/hostile/catalogue.hpp"

namespace {

constexpr std::size_t kMost = 8192;  // what is larger is large to take long, and slows fuzzers down

void write(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.exceptions(std::ios::badbit | std::ios::failbit);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

void write_all(bool pickles, const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  std::size_t number = 0;
  for (const hostile::Family& family : hostile::families()) {
    for (const hostile::HostileFile& file : family.make()) {
      const std::string& bytes = pickles ? file.pickle : file.bytes;
      if (!bytes.empty() && bytes.size() <= kMost)
        write(folder / ("hostile-" + std::to_string(++number)), bytes);
    }
  }
}

}  // namespace

int main(int argc, char* argv[]) {
  const std::string_view what = argc == 3 ? argv[1] : "";
  if (what != "zip" && what != "pickle") {
    std::cerr << "usage: hostile-files (zip|pickle) FOLDER\n";
    return 2;
  }
  try {
    write_all(what == "pickle", argv[2]);
  } catch (const std::exception& error) {
    std::cerr << "hostile-files: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
