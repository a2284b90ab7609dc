#include "tests/conformance/place.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/contains.hpp"

using namespace cairn::vfs;
using namespace cairn::conformance;

namespace {

template <typename Call>
std::string text_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  FAIL("no error");
  return {};
}

}  // namespace

TEST_CASE("reading what is not there is not_found and names the URL", "[conformance][errors]") {
  const Place place;
  CHECK(code_of([&] { static_cast<void>(place.files.read("none")); }) == ErrorCode::not_found);
  CHECK(code_of([&] { static_cast<void>(place.files.open_read("none")); }) == ErrorCode::not_found);
  std::string out(1, '?');
  const RangeRead range{0, bytes_of(out)};
  CHECK(code_of([&] { place.files.read_ranges("none", std::span(&range, 1)); }) ==
        ErrorCode::not_found);
  const std::string text = text_of([&] { static_cast<void>(place.files.read("none")); });
  INFO(text);
  CHECK(contains(text, "cannot read " + place.files.url("none") + ": not found"));
}

TEST_CASE("a directory can't be read", "[conformance][errors]") {
  const Place place;
  place.files.write("d/f", "x");
  const ErrorCode expected =
      place.can.directories ? ErrorCode::is_a_directory : ErrorCode::not_found;
  CHECK(code_of([&] { static_cast<void>(place.files.read("d")); }) == expected);
  CHECK(code_of([&] { static_cast<void>(place.files.open_read("d")); }) == expected);
}

TEST_CASE("a URL of the file system opens the same file", "[conformance][errors]") {
  const Place place;
  place.files.write("d/a b%2Fc", "x");
  const Url url = Url::parse(place.files.url("d/a b%2Fc"));
  CHECK(url.path() == place.in_store("d/a b%2Fc"));
  CHECK(Url::parse(url.string()) == url);
}

TEST_CASE("calls that were asked to stop or are late end at once", "[conformance][errors]") {
  const Place place;
  place.files.write("f", "x");
  std::stop_source stop;
  stop.request_stop();
  const CallOptions stopped{.stop = stop.get_token()};
  const CallOptions late{.deadline = std::chrono::steady_clock::now() - std::chrono::seconds(1)};

  CHECK(code_of([&] { static_cast<void>(place.files.stat("f", stopped)); }) ==
        ErrorCode::cancelled);
  CHECK(code_of([&] { static_cast<void>(place.files.read("f", {.call = stopped})); }) ==
        ErrorCode::cancelled);
  CHECK(code_of([&] { static_cast<void>(place.files.list("", {.call = stopped})); }) ==
        ErrorCode::cancelled);
  CHECK(code_of([&] { static_cast<void>(place.files.read("f", {.call = late})); }) ==
        ErrorCode::timeout);
  CHECK(place.files.exists("f"));
}
