// Saving beside the work.
#include <atomic>
#include <latch>

#include "checkpoint/format/async_saver.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/checkpoint/format/support.hpp"
#include "vfs/context.hpp"
#include "vfs/error.hpp"

using namespace cairn;
using namespace cairn::checkpoint;

namespace {

float* elements(const StoredTensor& tensor) {
  return reinterpret_cast<float*>(tensor.storage->data);
}

// Holds saves up: their progress is reported before the file is there.
struct Gate {
  std::latch open{1};
  [[nodiscard]] AsyncSaverOptions options(AsyncSaverOptions given) {
    given.on_committed = [this](const std::string&, const vfs::WriteResult&) { open.wait(); };
    return given;
  }
};

}  // namespace

TEST_CASE("what is saved is the state at the time of the call", "[format][async]") {
  const auto context = vfs::Context::make();
  AsyncSaver saver;
  const StoredTensor weight = format::make_tensor({1, 2, 3}, {3});
  const Value root = Dict{{"a", weight}, {"b", weight}, {"step", List{1}}};

  const SaveHandle handle = saver.save("memory://bucket/a.ckpt", root, {}, context);
  elements(weight)[0] = 99;
  Value(root.at("step")).as_list().push_back(2);

  CHECK(handle.committed().size > 0);
  const auto where = context->resolve("memory://bucket/a.ckpt");
  const Value saved = format::load(where.file_system, where.path);
  CHECK(elements(saved.at("a").as_tensor())[0] == 1);
  CHECK(saved.at("step").as_list().size() == 1);
  CHECK(saved.at("a").as_tensor().storage == saved.at("b").as_tensor().storage);
}

TEST_CASE("what can't be written is told at once", "[format][async]") {
  AsyncSaver saver;
  const Value bad = Dict{{"a", Opaque::name("os", "system")}};

  CHECK_THROWS_AS(saver.save("memory://bucket/a.ckpt", bad, {}, vfs::Context::make()), Error);
}

TEST_CASE("an error that nobody asked for surfaces at the next save", "[format][async]") {
  const auto context = vfs::Context::make();
  AsyncSaver saver;
  const SaveOptions once{.write = {.if_absent = true}};
  saver.save("memory://bucket/a.ckpt", 1, once, context);
  saver.wait();
  saver.save("memory://bucket/a.ckpt", 2, once, context);

  CHECK_THROWS_AS(saver.wait(), vfs::Error);
  saver.wait();  // once

  const SaveHandle handle = saver.save("memory://bucket/a.ckpt", 3, once, context);
  CHECK_THROWS_AS(handle.committed(), vfs::Error);
  CHECK_THROWS_AS(handle.committed(), vfs::Error);
  saver.wait();  // it was asked for
}

TEST_CASE("an error goes to on_error if there is one", "[format][async]") {
  const auto context = vfs::Context::make();
  std::atomic<int> errors{0};
  AsyncSaver saver({.on_error = [&errors](const std::string& url, std::exception_ptr) {
    errors += url == "memory://bucket/a.ckpt" ? 1 : 100;
  }});
  const SaveOptions once{.write = {.if_absent = true}};
  saver.save("memory://bucket/a.ckpt", 1, once, context);
  saver.save("memory://bucket/a.ckpt", 2, once, context);

  saver.wait();

  CHECK(errors == 1);
}

TEST_CASE("a save that finds no room is skipped if that is asked for", "[format][async]") {
  const auto context = vfs::Context::make();
  Gate gate;
  AsyncSaver saver(gate.options({.when_full = WhenFull::skip}));
  const SaveHandle first = saver.save("memory://bucket/a.ckpt", 1, {}, context);
  const SaveHandle second = saver.save("memory://bucket/b.ckpt", 2, {}, context);

  CHECK_FALSE(first.skipped());
  CHECK(second.skipped());
  CHECK_THROWS_WITH(second.staged(), Catch::Contains("skipped"));
  CHECK_THROWS_WITH(second.committed(), Catch::Contains("skipped"));
  gate.open.count_down();
  CHECK(first.committed().size > 0);
}

TEST_CASE("the destructor waits, so that nothing is lost", "[format][async]") {
  const auto context = vfs::Context::make();
  {
    AsyncSaver saver({.max_in_flight = 3});
    for (int i = 0; i < 3; ++i) {
      saver.save("memory://bucket/" + std::to_string(i), format::make_tensor({1}, {1}), {},
                 context);
    }
  }
  const auto where = context->resolve("memory://bucket/");

  CHECK(where.file_system.list(where.path).size() == 3);
}

TEST_CASE("the memory of snapshots is used again", "[format][async]") {
  const auto context = vfs::Context::make();
  AsyncSaver saver;
  const StoredTensor weight = format::make_tensor(std::vector<float>(1 << 20, 1.0F), {1 << 20});
  for (int i = 0; i < 3; ++i) {
    elements(weight)[0] = static_cast<float>(i);
    saver.save("memory://bucket/" + std::to_string(i), weight, {}, context).committed();
  }
  for (int i = 0; i < 3; ++i) {
    const auto where = context->resolve("memory://bucket/" + std::to_string(i));
    const Value saved = format::load(where.file_system, where.path);
    CHECK(elements(saved.as_tensor())[0] == static_cast<float>(i));
  }
}
