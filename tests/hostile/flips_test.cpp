// A bit that flips is found, or changes nothing of what is read.
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/hostile/pickle.hpp"
#include "tests/hostile/zip_image.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/checkpoint/format/support.hpp"

using namespace hostile;
using cairn::checkpoint::Error;
using cairn::checkpoint::Value;
using namespace cairn::checkpoint::format;

namespace {

struct Flips {
  std::atomic<std::size_t> detected{0};
  std::atomic<std::size_t> harmless{0};
  std::atomic<std::int64_t> wrong{-1};  // a bit whose flip changed the content
};

void flip(std::string& file, std::size_t bit) {
  file[bit / 8] = static_cast<char>(static_cast<unsigned char>(file[bit / 8]) ^ (1U << (bit % 8)));
}

void try_flip(std::string& file, std::size_t bit, const Value& expected, Flips& flips) {
  flip(file, bit);
  try {
    if (equal(read_bytes(file), expected)) {
      ++flips.harmless;
    } else {
      flips.wrong = static_cast<std::int64_t>(bit);
    }
  } catch (const Error&) {
    ++flips.detected;
  }
  flip(file, bit);
}

// Each bit, shared out among threads.
void flip_each(const std::string& file, const std::vector<std::size_t>& bits, Flips& flips) {
  const std::size_t threads = std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::jthread> pool;
  for (std::size_t first = 0; first < threads; ++first) {
    pool.emplace_back([&, first] {
      std::string copy = file;
      const Value expected = read_bytes(file);
      for (std::size_t i = first; i < bits.size(); i += threads)
        try_flip(copy, bits[i], expected, flips);
    });
  }
}

// 1 MiB in four storages, with a view into each.
std::string large_checkpoint() {
  using namespace pickle;
  constexpr std::int64_t kElements = 65536;
  std::vector<Content> contents{{"data.pkl", ""}, {"byteorder", "little"}};
  Ops tensors;
  std::mt19937 random(1);
  for (int i = 0; i < 4; ++i) {
    const std::string key = std::to_string(i);
    const StorageId storage{.key = text(key), .count = integer(kElements)};
    tensors += Tensor{.storage = storage.ops(),
                      .sizes = tuple({integer(256), integer(256)}),
                      .strides = tuple({integer(256), integer(1)})}
                   .ops();
    std::string data;
    for (std::int64_t k = 0; k < kElements; ++k) data += little_endian(random(), 4);
    contents.push_back({"data/" + key, data});
  }
  contents[0].bytes = whole("](" + tensors + "e");
  contents.push_back({"version", "3\n"});
  return bytes_of(make_image(contents));
}

}  // namespace

TEST_CASE("every flipped bit of a small checkpoint is detected or changes nothing", "[hostile]") {
  const std::string file = golden("state_dict");  // Python's
  std::vector<std::size_t> bits(file.size() * 8);
  for (std::size_t bit = 0; bit < bits.size(); ++bit) bits[bit] = bit;
  Flips flips;

  flip_each(file, bits, flips);

  CHECK(flips.wrong == -1);
  CHECK(flips.detected + flips.harmless == bits.size());
  CHECK(flips.detected > flips.harmless);
}

TEST_CASE("20,000 flipped bits of a large checkpoint are detected or change nothing", "[hostile]") {
  const std::string file = large_checkpoint();
  std::mt19937_64 random(20'000);
  std::vector<std::size_t> bits(20'000);
  std::generate(bits.begin(), bits.end(), [&] { return random() % (file.size() * 8); });
  Flips flips;

  flip_each(file, bits, flips);

  CHECK(file.size() > (1U << 20U));
  CHECK(flips.wrong == -1);
  CHECK(flips.detected + flips.harmless == bits.size());
  CHECK(flips.detected > 19'000);
}
