#include "tests/conformance/place.hpp"
#include "tests/support/catch.hpp"

using namespace cairn::vfs;
using namespace cairn::conformance;

TEST_CASE("a write says size and etag, which are those of the file", "[conformance][write]") {
  const Place place;
  const WriteResult result = place.files.write("f", "hello");
  const auto info = place.files.stat("f");
  CHECK(result.size == 5);
  CHECK_FALSE(result.etag.empty());
  CHECK(info->etag == result.etag);
  CHECK(info->size == 5);
  CHECK(info->type == FileType::file);
  CHECK(info->path == Path("f"));
}

TEST_CASE("a write replaces what was there, also by something shorter", "[conformance][write]") {
  const Place place;
  const auto first = place.files.write("f", "a long text");
  const auto second = place.files.write("f", "short");
  CHECK(place.files.read_text("f") == "short");
  CHECK(first.etag != second.etag);
}

TEST_CASE("directories come with the files in them", "[conformance][write]") {
  const Place place;
  place.files.write("a/b/c/f", "x");
  CHECK(place.files.read_text("a/b/c/f") == "x");
  CHECK(place.files.stat("a/b")->type == FileType::directory);
  CHECK(place.files.exists("a"));
}

TEST_CASE("a body of many pieces is one file", "[conformance][write]") {
  const Place place;
  Body body;
  std::string expected;
  for (int i = 0; i < 3000; ++i) {
    const std::string piece = std::to_string(i) + ",";
    body.append_copy(as_bytes(piece));
    expected += piece;
  }
  place.files.write("f", body);
  CHECK((place.files.read_text("f") == expected));
}

TEST_CASE("a large body of uneven pieces is one file", "[conformance][write]") {
  const Place place;
  const std::string text = pattern(21 * kMiB);
  Body body;
  std::size_t at = 0;
  for (const std::size_t size : {std::size_t{1}, 9 * kMiB - 3, std::size_t{5}, 12 * kMiB - 3}) {
    body.append(as_bytes(std::string_view(text).substr(at, size)));
    at += size;
  }
  REQUIRE(at == text.size());

  CHECK(place.files.write("f", body).size == text.size());

  CHECK((place.files.read_text("f") == text));
}

TEST_CASE("the time of a write is about now", "[conformance][write]") {
  const Place place;
  place.files.write("f", "x");
  const auto age = std::chrono::system_clock::now() - place.files.stat("f")->modified;
  CHECK(age < std::chrono::minutes(10));
  CHECK(age > -std::chrono::minutes(10));
}

TEST_CASE("content type and metadata are kept where the store can", "[conformance][write]") {
  const Place place;
  place.files.write(
      "f", "{}",
      {.content_type = "application/json", .metadata = {{"run", "7"}, {"owner", "me and you"}}});
  const auto info = place.files.stat("f");
  if (!place.can.metadata) {
    CHECK(info->metadata.empty());
    return;
  }
  CHECK(info->content_type == "application/json");
  CHECK(info->metadata.at("run") == "7");
  CHECK(info->metadata.at("owner") == "me and you");
}

TEST_CASE("a path that ends in '/' is no file to write", "[conformance][write]") {
  const Place place;
  CHECK(code_of([&] { place.files.write("d/", "x"); }) == ErrorCode::is_a_directory);
  CHECK(code_of([&] { static_cast<void>(place.files.open_write("d/")); }) ==
        ErrorCode::is_a_directory);
}

TEST_CASE("a directory is not replaced by a file where directories are real",
          "[conformance][write]") {
  const Place place;
  place.files.write("d/f", "x");
  if (!place.can.directories) {
    if (server_has(Fault::file_and_directory)) {
      CHECK(code_of([&] { place.files.write("d", "both"); }) == ErrorCode::is_a_directory);
      CHECK(code_of([&] { place.files.write("d/f/g", "x"); }) == ErrorCode::not_a_directory);
      return;
    }
    place.files.write("d", "both");
    CHECK(place.files.read_text("d") == "both");
    CHECK(place.files.read_text("d/f") == "x");
    return;
  }
  CHECK(code_of([&] { place.files.write("d", "x"); }) == ErrorCode::is_a_directory);
  CHECK(code_of([&] { place.files.write("d/f/g", "x"); }) == ErrorCode::not_a_directory);
}

TEST_CASE("a write that was asked to stop writes nothing", "[conformance][write]") {
  const Place place;
  std::stop_source stop;
  stop.request_stop();
  CHECK(code_of([&] { place.files.write("f", "x", {.call = {.stop = stop.get_token()}}); }) ==
        ErrorCode::cancelled);
  CHECK(code_of([&] {
          place.files.write("f", "x", {.call = {.deadline = std::chrono::steady_clock::now()}});
        }) == ErrorCode::timeout);
  CHECK_FALSE(place.files.exists("f"));
}
