// A file that is made part by part, in whatever order its parts are sent.
#include "checkpoint/format/zip_writer.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <functional>
#include <latch>
#include <stdexcept>
#include <thread>

#include "tests/support/catch.hpp"
#include "tests/support/pattern.hpp"
#include "tests/unit/checkpoint/format/support.hpp"

using namespace cairn;
using namespace cairn::checkpoint;
using namespace cairn::checkpoint::format;
using cairn::test::pattern;

namespace {

constexpr std::size_t kMiB = 1U << 20U;

// Of sizes around those of the chunks that are summed.
vfs::Body file(const std::vector<std::string>& contents) {
  std::vector<Record> records;
  for (const std::string& content : contents)
    records.push_back({.name = "data/" + std::to_string(records.size()), .body = content});
  records.push_back({.name = "sums", .make = [](std::span<const PlacedRecord> placed) {
                       std::string text;
                       for (const PlacedRecord& record : placed)
                         for (std::size_t i = 0; i < sizeof record.crc; ++i)
                           text += static_cast<char>(record.crc >> 8U * i);
                       return text;
                     }});
  return write_zip(std::move(records), {});
}

std::vector<std::string> contents() {
  return {
      "",         "a", pattern(kMiB - 1), pattern(kMiB), pattern(kMiB + 1), pattern(3 * kMiB + 5),
      pattern(64)};
}

// A text that is somewhere else; counts what is fetched, and fails once if it is told to.
class Elsewhere : public vfs::BodySource {
 public:
  explicit Elsewhere(std::string text) : text_(std::move(text)) {}

  [[nodiscard]] vfs::Body take(std::uint64_t offset, std::uint64_t length) const override {
    if (fails.exchange(false)) throw std::runtime_error("not now");
    fetched += length;
    if (before_return) before_return();
    vfs::Body body;
    body.append_copy(vfs::as_bytes(text_).subspan(offset, length));
    return body;
  }
  mutable std::atomic<std::uint64_t> fetched{0};
  mutable std::atomic<bool> fails{false};
  std::function<void()> before_return{};

 private:
  const std::string text_;
};

vfs::Body file_of(const std::shared_ptr<Elsewhere>& source, std::uint64_t size) {
  std::vector<Record> records;
  records.push_back({.name = "data/0", .body = vfs::Body(source, size)});
  return write_zip(std::move(records), {});
}

}  // namespace

TEST_CASE("a file is the same as a whole and in parts, whichever is made first", "[zip]") {
  const std::vector<std::string> records = contents();
  const std::string whole = flatten(file(records));
  for (const std::size_t part : {700'001UL, 1 * kMiB, 5 * kMiB}) {
    const vfs::Body body = file(records);
    std::string joined;
    for (std::size_t end = whole.size(); end > 0; end -= std::min(end, part)) {
      const std::size_t begin = end - std::min(end, part);
      joined = flatten(body.slice(begin, end - begin)) + joined;
    }
    CHECK((joined == whole));
  }
  const vfs::Body body = file({"abc", "", "defg"});
  const std::string small = flatten(file({"abc", "", "defg"}));
  for (std::size_t i = 0; i < small.size(); ++i) CHECK(flatten(body.slice(i, 1))[0] == small[i]);
}

TEST_CASE("parts of a file are made side by side", "[zip]") {
  const std::vector<std::string> records = contents();
  const std::string whole = flatten(file(records));
  const vfs::Body body = file(records);
  std::string joined(whole.size(), '\0');
  constexpr std::size_t kPart = 300'007;
  std::atomic<std::size_t> next{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (std::size_t at = next++ * kPart; at < whole.size(); at = next++ * kPart) {
          const std::size_t count = std::min(kPart, whole.size() - at);
          std::memcpy(joined.data() + at, flatten(body.slice(at, count)).data(), count);
        }
      });
    }
  }
  CHECK((joined == whole));
}

TEST_CASE("bytes from elsewhere are fetched for their part, and summed as they come", "[zip]") {
  const std::string text = pattern(20 * kMiB + 3);
  const auto source = std::make_shared<Elsewhere>(text);
  const vfs::Body body = file_of(source, text.size());
  CHECK(source->fetched == 0);

  std::string file;
  for (const std::size_t begin : {0 * kMiB, 8 * kMiB, 16 * kMiB})
    file += flatten(body.slice(begin, std::min<std::uint64_t>(8 * kMiB, body.size() - begin)));

  // A part's last chunk is fetched to its end.
  CHECK(source->fetched <= text.size() + 2 * kMiB);
  std::vector<Record> records;
  records.push_back({.name = "data/0", .body = text});
  CHECK((file == flatten(write_zip(std::move(records), {}))));
}

TEST_CASE("bytes that are under way are not fetched once more for their checksums", "[zip]") {
  const std::string text = pattern(4 * kMiB);
  const auto source = std::make_shared<Elsewhere>(text);
  const vfs::Body body = file_of(source, text.size());
  const vfs::Body data = body.slice(0, text.size() + 64);
  std::latch both(2);
  std::atomic<bool> first{true};
  source->before_return = [&] {
    if (first.exchange(false)) both.arrive_and_wait();
  };

  vfs::Body end;
  std::jthread other([&] {
    both.arrive_and_wait();  // the data are being fetched
    end = body.slice(data.size(), body.size() - data.size()).load();
  });
  static_cast<void>(data.load());
  other.join();

  CHECK(source->fetched == text.size());
  CHECK(end.size() == body.size() - data.size());
}

TEST_CASE("bytes that could not be fetched are asked for again", "[zip]") {
  const std::string text = pattern(3 * kMiB);
  const auto source = std::make_shared<Elsewhere>(text);
  const vfs::Body body = file_of(source, text.size());
  const vfs::Body end = body.slice(body.size() - 500, 500);

  source->fails = true;
  CHECK_THROWS_AS(end.load(), std::runtime_error);
  source->fails = true;
  CHECK_THROWS_AS(body.slice(0, kMiB).load(), std::runtime_error);

  CHECK(flatten(body).size() == body.size());
  CHECK(flatten(end) == flatten(body).substr(body.size() - 500));
}

TEST_CASE("a record whose size depends on checksums is no part of a file", "[zip]") {
  std::vector<Record> records;
  records.push_back({.name = "a", .body = "content"});
  records.push_back({.name = "b", .make = [](std::span<const PlacedRecord> placed) {
                       return std::string(placed[0].crc == 0 ? 1 : 1000, 'x');
                     }});
  CHECK_THROWS_AS(write_zip(std::move(records), {}).load(), std::logic_error);
}

TEST_CASE("the size of a file is that of any other with tensors of the same sizes", "[zip]") {
  const std::vector<float> zeros(1'000'000, 0.0F);
  const std::vector<float> ones(1'000'000, 1.0F);
  const std::string file = write_bytes(make_tensor(zeros, {1'000'000}));
  CHECK(file.size() == write_bytes(make_tensor(ones, {1'000'000})).size());
  CHECK(equal(read_bytes(file), Value(make_tensor(zeros, {1'000'000}))));
}
