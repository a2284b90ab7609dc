// Faults of what only Azure has: blocks that everybody shares, and copies that take their time.
#include <stop_token>
#include <thread>
#include <utility>

#include "tests/faults/faulty.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/error_of.hpp"

using namespace cairn;
using namespace cairn::faults;

namespace {

constexpr std::size_t kLarge = 20 * kMiB + 17;  // three blocks

/// The server says so of the copy that it has made.
Fault tell_of_copy(const std::string& status, const std::string& description) {
  return {.kind = Kind::edit_answer, .edit = [=](HttpMessage& reply) {
            reply.set_header("x-ms-copy-status", status);
            reply.set_header("x-ms-copy-status-description", description);
          }};
}

bool was_asked(const Faulty& f, const std::string& part) {
  for (const std::string& request : f.proxy.requests()) {
    if (contains(request, part)) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("blocks that another upload of the blob has dropped are all sent again", "[azure]") {
  Faulty f;
  bool other = false;
  f.proxy.set_chance([&](const HttpMessage& request) -> std::optional<Fault> {
    if (contains(request.target(), "comp=blocklist") && !std::exchange(other, true)) {
      f.put(std::string(kLarge, 'o'));
    }
    return {};
  });

  f.files.write("k", pattern(kLarge));

  CHECK(other);
  CHECK((f.stored() == pattern(kLarge)));
}

TEST_CASE("of a lost block list and another's blob the condition decides", "[azure]") {
  Faulty f;
  bool other = false;
  f.once(dialect().commit(f.key()), {.kind = Kind::lose_answer});
  f.proxy.set_chance([&](const HttpMessage& request) -> std::optional<Fault> {
    if (contains(request.target(), "comp=blocklist") && !std::exchange(other, true)) {
      f.put("other");  // between our list, whose answer is lost, and its repetition
    }
    return {};
  });

  CHECK(code_of([&] { f.files.write("k", pattern(kLarge), {.if_absent = true}); }) ==
        vfs::ErrorCode::already_exists);

  CHECK(other);
  CHECK(f.stored() == "other");
}

TEST_CASE("every fault of the first put, whose checksum this server refuses, is cured", "[azure]") {
  for (const Kind kind : {Kind::refuse, Kind::lose_answer, Kind::silent, Kind::cut_head, Kind::cut,
                          Kind::cut_without_length, Kind::reset_after_head}) {
    INFO(static_cast<int>(kind));
    Faulty f;
    const vfs::FileSystem untaught = f.open(quick());
    f.once(dialect().put(f.key()), {.kind = kind, .at = 20});

    untaught.write("k", pattern(1000), {.if_absent = true});

    CHECK(f.proxy.faults() == 1);
    CHECK(f.stored() == pattern(1000));
  }
}

TEST_CASE("a copy that is pending is waited for", "[azure]") {
  Faulty f;
  f.put("text", "from");
  f.add(dialect().stat(f.key("to")), tell_of_copy("pending", ""), 3);

  f.files.copy("from", "to");

  CHECK(f.proxy.faults() == 3);
  CHECK(f.stored("to") == "text");
}

TEST_CASE("a copy that the service gives up is an error with its reason, and no file", "[azure]") {
  Faulty f;
  f.put("text", "from");
  f.always(dialect().stat(f.key("to")), tell_of_copy("failed", "500 the disk is full"));

  const vfs::Error error = test::error_of([&] { f.files.copy("from", "to"); });

  CHECK(error.code() == vfs::ErrorCode::io);
  CHECK(contains(error.what(), "the disk is full"));
  CHECK_FALSE(f.direct.files.exists("to"));
  CHECK(f.stored("from") == "text");
}

TEST_CASE("a stop ends the wait for a copy, which is called off", "[azure]") {
  Faulty f;
  f.put("text", "from");
  f.always(dialect().stat(f.key("to")), tell_of_copy("pending", ""));
  std::stop_source stop;
  std::jthread stopper([&] {
    static_cast<void>(f.proxy.wait_for_fault());
    stop.request_stop();
  });

  CHECK(code_of([&] { f.files.copy("from", "to", {.call = {.stop = stop.get_token()}}); }) ==
        vfs::ErrorCode::cancelled);

  CHECK(was_asked(f, "comp=copy&copyid="));
}

TEST_CASE("a copy that another writer replaces while it is pending is a conflict", "[azure]") {
  Faulty f;
  f.put("text", "from");
  f.once(dialect().stat(f.key("to")), tell_of_copy("pending", ""));
  bool replaced = false;
  f.proxy.set_chance([&](const HttpMessage& request) -> std::optional<Fault> {
    const bool second = request.method() == "HEAD" && request.target().ends_with("/to");
    if (second && !std::exchange(replaced, true)) f.put("other", "to");
    return {};
  });

  CHECK(code_of([&] { f.files.copy("from", "to"); }) == vfs::ErrorCode::conflict);

  CHECK(replaced);
  CHECK(f.stored("to") == "other");
}

TEST_CASE("a copy whose source is replaced before it begins is an error", "[azure]") {
  Faulty f;
  f.put("text", "from");
  bool replaced = false;
  f.proxy.set_chance([&](const HttpMessage& request) -> std::optional<Fault> {
    if (request.method() == "PUT" && !std::exchange(replaced, true)) f.put("other", "from");
    return {};
  });

  CHECK(code_of([&] { f.files.copy("from", "to"); }) == vfs::ErrorCode::precondition_failed);

  CHECK(replaced);
  CHECK_FALSE(f.direct.files.exists("to"));
}
