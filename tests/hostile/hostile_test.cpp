// Each file of the catalogue is refused with the error that names its rule, at once, and without
// memory that it does not bring.
#include <time.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <set>
#include <string>

#include "tests/hostile/catalogue.hpp"
#include "tests/hostile/memory_meter.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/checkpoint/format/support.hpp"

using namespace hostile;
using cairn::checkpoint::Error;
using cairn::checkpoint::format::read_bytes;

namespace {

constexpr std::chrono::milliseconds kTime{100};
constexpr std::size_t kMemory = std::size_t{64} << 20U;
constexpr std::size_t kMessage = 1000;

// Of this thread alone: what else the machine does is not the file's fault.
std::chrono::nanoseconds cpu_time() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

struct Outcome {
  std::string message{};  // empty: it was read
  ErrorCode code{};
  std::chrono::nanoseconds time{};
  std::size_t memory{0};
};

Outcome load(const HostileFile& file) {
  Outcome outcome;
  restart_peak();
  const std::size_t before = live_bytes();
  const auto start = cpu_time();
  try {
    static_cast<void>(read_bytes(file.bytes, file.options));
  } catch (const Error& error) {
    outcome.message = error.what();
    outcome.code = error.code();
  } catch (const std::exception& error) {
    outcome.message = std::string("not a checkpoint::Error: ") + error.what();
  }
  outcome.time = cpu_time() - start;
  outcome.memory = peak_bytes() - before;
  return outcome;
}

bool printable(const std::string& text) {
  return std::none_of(text.begin(), text.end(),
                      [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

void check_refused(const Files& files) {
  for (const HostileFile& file : files) {
    Outcome outcome = load(file);
    // A cold cache or a page fault storm is not the file's fault either; a loop that is too long
    // stays so.
    for (int again = 0; again < 2 && outcome.time >= kTime; ++again)
      outcome.time = std::min(outcome.time, load(file).time);
    INFO(file.name << ": " << outcome.message);
    CHECK_FALSE(outcome.message.empty());
    CHECK(to_string(outcome.code) == to_string(file.code));
    CHECK(outcome.message.find(file.rule) != std::string::npos);
    CHECK(outcome.message.size() <= kMessage);
    CHECK(printable(outcome.message));
    CHECK(outcome.time < kTime);
    CHECK(outcome.memory < kMemory);
  }
}

}  // namespace

TEST_CASE("the file that the hostile ones vary is good", "[hostile]") {
  // PROTO 2, None, STOP
  CHECK(read_bytes(archive_around("\x80\x02N.")).is_none());
}

TEST_CASE("the catalogue has more than 300 files, each with a name of its own", "[hostile]") {
  std::set<std::string> names;
  std::size_t count = 0;
  for (const Family& family : families()) {
    for (const HostileFile& file : family.make()) {
      INFO(file.name);
      CHECK(names.insert(file.name).second);
      ++count;
    }
  }
  CHECK(count > 300);
}

TEST_CASE("zips that are cut are refused", "[hostile]") {
  check_refused(truncations());
}

TEST_CASE("zips without their beginning are refused", "[hostile]") {
  check_refused(beheaded());
}

TEST_CASE("end records that lie are refused", "[hostile]") {
  check_refused(end_records());
}

TEST_CASE("64-bit end records that lie are refused", "[hostile]") {
  check_refused(wide_end_records());
}

TEST_CASE("headers of the directory that lie are refused", "[hostile]") {
  check_refused(central_headers());
}

TEST_CASE("names that lead elsewhere or are not alone are refused", "[hostile]") {
  check_refused(names());
}

TEST_CASE("local headers that differ from the directory are refused", "[hostile]") {
  check_refused(local_headers());
}

TEST_CASE("descriptors that differ from the directory are refused", "[hostile]") {
  check_refused(descriptors());
}

TEST_CASE("gaps, overlaps and what is around a zip are refused", "[hostile]") {
  check_refused(layouts());
}

TEST_CASE("entries that are compressed or encrypted are refused", "[hostile]") {
  check_refused(compressed());
}

TEST_CASE("zips that are no archives are refused", "[hostile]") {
  check_refused(entry_sets());
}

TEST_CASE("records that are damaged are refused", "[hostile]") {
  check_refused(damaged_records());
}

TEST_CASE("operations that are none are refused", "[hostile]") {
  check_refused(opcodes());
}

TEST_CASE("lengths beyond the pickle, and texts that are none are refused", "[hostile]") {
  check_refused(lengths());
}

TEST_CASE("stacks that are too short are refused", "[hostile]") {
  check_refused(stacks());
}

TEST_CASE("operations on values of another kind are refused", "[hostile]") {
  check_refused(kinds());
}

TEST_CASE("references into the memo are refused", "[hostile]") {
  check_refused(memo());
}

TEST_CASE("values that are too deep, or hold themselves are refused", "[hostile]") {
  check_refused(nesting());
}

TEST_CASE("keys that can't be keys are refused", "[hostile]") {
  check_refused(keys());
}

TEST_CASE("names of types and functions are refused", "[hostile]") {
  check_refused(globals());
}

TEST_CASE("work that is asked for again and again is refused", "[hostile]") {
  check_refused(repeated_work());
}

TEST_CASE("ends of a pickle are refused", "[hostile]") {
  check_refused(endings());
}

TEST_CASE("calls with other arguments are refused", "[hostile]") {
  check_refused(calls());
}

TEST_CASE("plain kinds with other arguments are refused", "[hostile]") {
  check_refused(plain_calls());
}

TEST_CASE("attributes are no way around the rules for tensors", "[hostile]") {
  check_refused(attributes());
}

TEST_CASE("objects of unknown classes are no way around the rules", "[hostile]") {
  check_refused(objects());
}

TEST_CASE("references to storages are refused", "[hostile]") {
  check_refused(persistent_ids());
}

TEST_CASE("sizes and types of storages are refused", "[hostile]") {
  check_refused(storages());
}

TEST_CASE("views outside of their storage are refused", "[hostile]") {
  check_refused(views());
}

TEST_CASE("tensors with other arguments are refused", "[hostile]") {
  check_refused(tensor_arguments());
}
