#include <atomic>
#include <exception>
#include <stdexcept>
#include <thread>

#include "tests/conformance/place.hpp"
#include "tests/support/catch.hpp"

using namespace cairn::vfs;
using namespace cairn::conformance;

namespace {

/// Runs on so many threads at once; the first exception of one comes out.
void on_threads(int count, const std::function<void(int)>& work) {
  std::vector<std::thread> threads;
  std::vector<std::exception_ptr> thrown(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      try {
        work(i);
      } catch (...) {
        thrown[static_cast<std::size_t>(i)] = std::current_exception();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::exception_ptr& failure : thrown) {
    if (failure) std::rethrow_exception(failure);
  }
}

}  // namespace

TEST_CASE("of many that create one file exactly one succeeds", "[conformance][concurrent]") {
  const Place place;
  if (!place.can.create_only) return;
  std::atomic<int> winners{0};
  std::atomic<int> winner{-1};
  on_threads(8, [&](int i) {
    try {
      place.files.write("lock", std::to_string(i), {.if_absent = true});
      ++winners;
      winner = i;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::already_exists) throw;
    }
  });
  CHECK(winners == 1);
  CHECK(place.files.read_text("lock") == std::to_string(winner));
}

TEST_CASE("of many that replace one version exactly one succeeds", "[conformance][concurrent]") {
  const Place place;
  if (!place.can.replace_if_match) return;
  const std::string etag = place.files.write("f", "start").etag;
  std::atomic<int> winners{0};
  on_threads(8, [&](int i) {
    try {
      place.files.write("f", "by " + std::to_string(i), {.if_match = etag});
      ++winners;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::precondition_failed) throw;
    }
  });
  CHECK(winners == 1);
}

TEST_CASE("readers see an old or a new file, never a mix", "[conformance][concurrent]") {
  const Place place;
  constexpr std::size_t kSize = 300'000;
  place.files.write("f", std::string(kSize, '0'));
  std::atomic<bool> mixed{false};
  on_threads(4, [&](int i) {
    for (int round = 0; round < 10; ++round) {
      if (i == 0) {
        place.files.write("f", std::string(kSize, static_cast<char>('0' + round)));
        continue;
      }
      const std::string text = place.files.read_text("f");
      if (text != std::string(kSize, text.empty() ? '?' : text.front())) mixed = true;
    }
  });
  CHECK_FALSE(mixed);
}

TEST_CASE("many threads write and read files of their own", "[conformance][concurrent]") {
  const Place place;
  on_threads(8, [&](int i) {
    for (int round = 0; round < 5; ++round) {
      const std::string name = "t" + std::to_string(i) + "/" + std::to_string(round);
      place.files.write(name, name);
      if (place.files.read_text(name) != name) throw std::runtime_error("read something else");
    }
  });
  CHECK(place.files.list("", {.recursive = true}).size() == 40);
}

TEST_CASE("many threads read one reader by position", "[conformance][concurrent]") {
  const Place place;
  const std::string text = pattern(2 * kMiB);
  place.files.write("f", text);
  const Reader reader = place.files.open_read("f");
  std::atomic<int> wrong{0};
  on_threads(6, [&](int i) {
    std::string out(10'000, '?');
    for (std::size_t at = static_cast<std::size_t>(i) * 1000; at < kMiB; at += 333'333) {
      if (reader.pread(bytes_of(out), at) != out.size() || out != text.substr(at, out.size()))
        ++wrong;
    }
  });
  CHECK(wrong == 0);
}

TEST_CASE("writers of one name at once: one of them wins as a whole", "[conformance][concurrent]") {
  const Place place;
  on_threads(
      4, [&](int i) { place.files.write("f", std::string(9 * kMiB, static_cast<char>('a' + i))); });
  const std::string text = place.files.read_text("f");
  CHECK((text == std::string(9 * kMiB, text.front())));
}
