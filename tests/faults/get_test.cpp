// Reads through faults: right bytes, or an error; never wrong bytes.
#include <utility>

#include "tests/faults/faulty.hpp"

using namespace cairn;
using namespace cairn::faults;

namespace {

constexpr std::size_t kSmall = 300'000;
constexpr std::size_t kLarge = 30 * kMiB + 17;

/// The three ways to read a whole file.
enum class Way { at_once, in_ranges, as_stream };

std::string read(const vfs::FileSystem& files, Way way, std::size_t size) {
  if (way == Way::at_once) return files.read_text("k");
  std::string text(size, '?');
  if (way == Way::in_ranges) {
    const vfs::RangeRead all{0, std::as_writable_bytes(std::span(text))};
    files.read_ranges("k", {&all, 1});
    return text;
  }
  vfs::Reader reader = files.open_read("k");
  std::size_t done = 0;
  while (done < size) {
    const auto rest =
        std::as_writable_bytes(std::span(text)).subspan(done, std::min(size - done, kMiB));
    const std::size_t count = reader.read(rest);
    if (count == 0) break;
    done += count;
  }
  text.resize(done);
  return text;
}

constexpr std::size_t kMiddle = 24 * kMiB;

/// Not the whole file: no checksum can tell what is wrong with it.
std::string read_middle(const vfs::FileSystem& files, std::size_t size = kMiddle) {
  std::string text(size, '?');
  const vfs::RangeRead middle{kMiB, std::as_writable_bytes(std::span(text))};
  files.read_ranges("k", {&middle, 1});
  return text;
}

/// The file is `pattern` and becomes all 'o' while it is read.
void check_never_mixed(const Faulty& f, const vfs::TransferOptions& transfer, std::size_t size) {
  vfs::Config config = quick();
  config.transfer = transfer;
  try {
    const std::string text = read_middle(f.open(config), size);
    CHECK((text == pattern(kLarge).substr(kMiB, size) || text == std::string(size, 'o')));
  } catch (const vfs::Error& error) {
    CHECK(error.code() == vfs::ErrorCode::precondition_failed);
  }
}

void check_all_ways(const Fault& fault) {
  for (const Way way : {Way::at_once, Way::in_ranges, Way::as_stream}) {
    for (const std::size_t size : {kSmall, kLarge}) {
      INFO("way " << static_cast<int>(way) << ", " << size << " bytes");
      Faulty f;
      f.put(pattern(size));
      f.once(dialect().read(f.key()), fault);
      CHECK((read(f.files, way, size) == pattern(size)));
      CHECK(f.proxy.faults() == 1);
    }
  }
}

}  // namespace

TEST_CASE("a download that is reset goes on from where it was") {
  check_all_ways({.kind = Kind::cut, .at = 100'000});
}

TEST_CASE("a download that is cut, with its length made to fit, is noticed and read again") {
  check_all_ways({.kind = Kind::cut_to_length, .at = 100'000});
}

TEST_CASE("a download that is cut, without a length, is noticed and read again") {
  check_all_ways({.kind = Kind::cut_without_length, .at = 100'000});
}

TEST_CASE("a download that stalls for ever goes on over another connection") {
  check_all_ways({.kind = Kind::stall, .at = 100'000});
}

TEST_CASE("a download that comes one byte at a time goes on over another connection") {
  check_all_ways({.kind = Kind::trickle, .at = 100'000});
}

TEST_CASE("a server that never answers is asked over another connection") {
  check_all_ways({.kind = Kind::silent});
}

TEST_CASE("a connection that breaks before or after the head is made again") {
  check_all_ways({.kind = GENERATE(Kind::refuse, Kind::reset_after_head, Kind::lose_answer)});
}

TEST_CASE("errors that pass are waited out") {
  const int status = GENERATE(503, 500, 429, 504);
  check_all_ways({.kind = Kind::answer, .reply = dialect().refusal(status)});
}

TEST_CASE("one flipped bit is noticed and the file is read again") {
  for (const Way way : {Way::at_once, Way::in_ranges}) {
    for (const std::size_t size : {kSmall, kLarge}) {
      INFO("way " << static_cast<int>(way) << ", " << size << " bytes");
      Faulty f;
      f.put(pattern(size));
      f.once(dialect().read(f.key()), {.kind = Kind::flip_download, .at = 4321});
      CHECK((read(f.files, way, size) == pattern(size)));
      CHECK(f.proxy.faults() == 1);
    }
  }
}

TEST_CASE("one flipped bit of a stream is an error at its end") {
  Faulty f;
  f.put(pattern(kLarge));
  f.once(dialect().read(f.key()), {.kind = Kind::flip_download, .at = 4321});
  CHECK(code_of([&] { read(f.files, Way::as_stream, kLarge); }) == vfs::ErrorCode::corrupt);
  CHECK(f.proxy.faults() == 1);
}

TEST_CASE("another range than was asked for is never taken") {
  Faulty f;
  f.put(pattern(kLarge));
  f.once(dialect().read(f.key()), {.kind = Kind::edit_answer, .edit = [](test::HttpMessage& reply) {
                                     reply.set_header("Content-Range",
                                                      "bytes 7-8388614/" + std::to_string(kLarge));
                                     reply.body.assign(reply.body.size(), '!');
                                   }});
  CHECK((read_middle(f.files) == pattern(kLarge).substr(kMiB, kMiddle)));
  CHECK(f.proxy.faults() == 1);
}

TEST_CASE("a range that is shorter than was asked for is never taken") {
  Faulty f;
  f.put(pattern(kLarge));
  f.once(dialect().read(f.key()), {.kind = Kind::cut_to_length, .at = 100'000});
  CHECK((read_middle(f.files) == pattern(kLarge).substr(kMiB, kMiddle)));
  CHECK(f.proxy.faults() == 1);
}

TEST_CASE("200 where a range was asked for is never taken for the range") {
  const std::string whole = pattern(kLarge);
  vfs::Config config = quick();  // but a proxy that is slow with so much is not taken for a stall
  config.http.stall_timeout = std::chrono::seconds{10};
  Faulty f(config);
  f.put(whole);
  f.once(dialect().read(f.key()),
         {.kind = Kind::edit_answer, .edit = [&whole](test::HttpMessage& reply) {
            reply.start_line = "HTTP/1.1 200 OK";
            reply.remove_header("Content-Range");
            reply.body = whole;
            reply.set_header("Content-Length", std::to_string(kLarge));
          }});
  CHECK((read_middle(f.files) == whole.substr(kMiB, kMiddle)));
  CHECK(f.proxy.faults() == 1);
}

TEST_CASE("an answer that names no version is good for what it holds, or asked for again") {
  check_all_ways({.kind = Kind::edit_answer, .edit = [](test::HttpMessage& reply) {
                    reply.remove_header(dialect().version_header());
                  }});
}

TEST_CASE("an answer with an error in it is no file") {
  Faulty f;
  f.put(pattern(kSmall));
  f.always(dialect().read(f.key()), {.kind = Kind::answer, .reply = dialect().refusal(403)});
  CHECK(code_of([&] { static_cast<void>(f.files.read("k")); }) ==
        vfs::ErrorCode::permission_denied);
}

TEST_CASE("a file that is replaced between two ranges is never mixed") {
  const std::string other(kLarge, 'o');
  bool replaced = false;
  Faulty f;
  f.put(pattern(kLarge));
  f.proxy.set_chance([&](const test::HttpMessage& request) -> std::optional<Fault> {
    const bool first = request.header("range").starts_with("bytes=1048576-");
    if (request.method() == "GET" && !first && !std::exchange(replaced, true)) f.put(other);
    return {};
  });
  vfs::TransferOptions one_by_one;
  one_by_one.parallel = 1;
  check_never_mixed(f, one_by_one, kMiddle);
  CHECK(replaced);
}

TEST_CASE("a file that is replaced before a broken download goes on is never mixed") {
  bool replaced = false;
  Faulty f;
  f.put(pattern(kLarge));
  f.once(dialect().read(f.key()), {.kind = Kind::cut, .at = 100'000});
  f.proxy.set_chance([&](const test::HttpMessage& request) -> std::optional<Fault> {
    if (request.method() == "GET" && !std::exchange(replaced, true)) {
      f.put(std::string(kLarge, 'o'));
    }
    return {};
  });
  check_never_mixed(f, {}, kMiB);
  CHECK(replaced);
}
