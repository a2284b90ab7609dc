#include "vfs/context.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/contains.hpp"
#include "vfs/file_system.hpp"

using namespace cairn::vfs;

TEST_CASE("a context gives one store per scheme and authority", "[context]") {
  const auto context = Context::make();

  const Location first = context->resolve("memory://a/k");
  const Location same = context->resolve("memory://a/other");
  const Location other = context->resolve("memory://b/k");

  CHECK(&first.file_system.store() == &same.file_system.store());
  CHECK(&first.file_system.store() != &other.file_system.store());
  CHECK(first.path == Path("k"));
}

TEST_CASE("contexts do not share memory stores", "[context]") {
  const Location first = Context::make()->resolve("memory:k");
  const Location second = Context::make()->resolve("memory:k");
  first.file_system.write("k", "x");

  CHECK(first.file_system.exists("k"));
  CHECK_FALSE(second.file_system.exists("k"));
}

TEST_CASE("a cloud's web address is a URL of that cloud", "[context]") {
  const auto context = Context::make({.azure = {.anonymous = true}});

  const Location web = context->resolve("https://acct.blob.core.windows.net/models/d/k");
  const Location own = context->resolve("az://models@acct.blob.core.windows.net/d/k");

  CHECK(web.path == Path("d/k"));
  CHECK(&web.file_system.store() == &own.file_system.store());
}

TEST_CASE("an unknown scheme is refused with the known ones and the nearest", "[context]") {
  const auto context = Context::make();
  try {
    static_cast<void>(context->resolve("S3x://b/k"));
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::invalid_argument);
    CHECK(contains(error.what(), "unknown scheme 's3x'"));
    CHECK(contains(error.what(), "memory, s3, s3a"));
    CHECK(contains(error.what(), "did you mean s3"));
  }
}

TEST_CASE("a registry serves what is added to it", "[context]") {
  Registry registry = Registry::builtin();
  registry.add("mine", *registry.find("memory"));
  const auto context = Context::make({}, registry);

  const Location location = context->resolve("mine://b/k");
  location.file_system.write(location.path, "x");

  CHECK(location.file_system.url(location.path) == "mine://b/k");
  CHECK(location.file_system.read_text("k") == "x");
  CHECK(registry.find("nobody") == nullptr);
}

TEST_CASE("a file system outlives every other handle of its context", "[context]") {
  const auto files = [] { return Context::make()->resolve("memory:k").file_system; }();
  files.write("k", "x");
  CHECK(files.read_text("k") == "x");
}
