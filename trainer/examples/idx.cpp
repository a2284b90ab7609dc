// The header: two zero bytes, the type (0x08: unsigned byte), the number of dimensions, then each
// size as big-endian 32 bits (https://github.com/zalandoresearch/fashion-mnist, "Get the Data";
// http://yann.lecun.com/exdb/mnist, "FILE FORMATS").
#include "trainer/examples/idx.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <stdexcept>
#include <system_error>
#include <vector>

#include <ATen/ops/empty.h>
#include <zlib.h>

namespace fashion_mnist {
namespace {

constexpr std::uint8_t unsigned_byte = 0x08;
constexpr std::int64_t size_limit =
    1LL << 30;  // of all data: a damaged header must not ask for more memory than this
constexpr std::int64_t classes = 10;

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& cause) {
  throw std::runtime_error("cannot read " + file.string() + ": " + cause);
}

class GzipFile {
 public:
  explicit GzipFile(const std::filesystem::path& path)
      : path_(path), file_(gzopen(path.c_str(), "rb")) {
    if (!file_) fail(path_, std::system_category().message(errno));
  }

  void read(std::span<std::uint8_t> out) {
    while (!out.empty()) {
      constexpr std::size_t slice = std::numeric_limits<int>::max();  // gzread counts in int
      const int count =
          gzread(file_.get(), out.data(), static_cast<unsigned>(std::min(out.size(), slice)));
      if (count < 0) fail(path_, "not a whole gzip file (" + message() + ")");
      if (count == 0) fail(path_, "it ends too early");
      out = out.subspan(static_cast<std::size_t>(count));
    }
  }

  void expect_end() {
    std::uint8_t byte = 0;
    const int count = gzread(file_.get(), &byte, 1);
    if (count < 0) fail(path_, "not a whole gzip file (" + message() + ")");
    if (count > 0) fail(path_, "more data than its header says");
  }

 private:
  struct Close {
    void operator()(gzFile file) const { gzclose_r(file); }
  };

  std::string message() {
    int code = Z_OK;
    return gzerror(file_.get(), &code);
  }

  std::filesystem::path path_;
  std::unique_ptr<gzFile_s, Close> file_;
};

std::vector<std::int64_t> read_shape(GzipFile& file, const std::filesystem::path& path) {
  std::array<std::uint8_t, 4> head{};
  file.read(head);
  if (head[0] != 0 || head[1] != 0 || head[2] != unsigned_byte || head[3] == 0)
    fail(path, "not an IDX file of bytes");
  std::vector<std::int64_t> shape(head[3]);
  std::int64_t total = 1;
  for (std::int64_t& size : shape) {
    std::array<std::uint8_t, 4> digits{};
    file.read(digits);
    for (const std::uint8_t digit : digits) size = size << 8 | digit;
    if (size > size_limit / total) fail(path, "its header asks for more than 1 GiB");
    total *= std::max<std::int64_t>(size, 1);
  }
  return shape;
}

}  // namespace

at::Tensor read_idx(const std::filesystem::path& path) {
  GzipFile file(path);
  at::Tensor data = at::empty(read_shape(file, path), at::kByte);
  file.read({data.data_ptr<std::uint8_t>(), static_cast<std::size_t>(data.numel())});
  file.expect_end();
  return data;
}

Split read_split(const std::filesystem::path& folder, const std::string& name) {
  const std::filesystem::path images_file = folder / (name + "-images-idx3-ubyte.gz");
  const std::filesystem::path labels_file = folder / (name + "-labels-idx1-ubyte.gz");
  Split split{.images = read_idx(images_file), .labels = read_idx(labels_file).to(at::kLong)};
  if (split.images.dim() != 3 || split.images.size(1) != 28 || split.images.size(2) != 28) {
    fail(images_file, "not images of 28 by 28 pixels");
  }
  if (split.labels.dim() != 1 || split.labels.size(0) != split.images.size(0)) {
    fail(labels_file, "not one label per image");
  }
  if (split.labels.numel() > 0 && split.labels.max().item<std::int64_t>() >= classes)
    fail(labels_file, "a label above 9");
  return split;
}

}  // namespace fashion_mnist
