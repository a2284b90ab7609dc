#include <algorithm>

#include "tests/conformance/place.hpp"
#include "tests/support/catch.hpp"

using namespace cairn::vfs;
using namespace cairn::conformance;

namespace {

std::string part_of(const Place& place) {
  return pattern(std::max<std::uint64_t>(place.can.min_part, 1000));
}

}  // namespace

TEST_CASE("parts make one file when they are committed", "[conformance][multipart]") {
  const Place place;
  const std::string part = part_of(place);
  const auto upload = place.store().start_upload(place.in_store("f"), {});
  upload->put_part(0, part, {});
  upload->put_part(1, part, {});
  upload->put_part(2, "end", {});
  CHECK_FALSE(place.files.exists("f"));

  const WriteResult result = upload->commit({});

  CHECK(result.size == 2 * part.size() + 3);
  CHECK(result.etag == place.files.stat("f")->etag);
  CHECK((place.files.read_text("f") == part + part + "end"));
}

TEST_CASE("parts may be sent in any order", "[conformance][multipart]") {
  const Place place;
  if (!place.can.parallel_parts) return;
  const std::string part = part_of(place);
  const auto upload = place.store().start_upload(place.in_store("f"), {});
  upload->put_part(2, "end", {});
  upload->put_part(0, part, {});
  upload->put_part(1, std::string(part.size(), '1'), {});
  upload->commit({});
  CHECK((place.files.read_text("f") == part + std::string(part.size(), '1') + "end"));
}

TEST_CASE("a part that is sent twice counts once", "[conformance][multipart]") {
  const Place place;
  const std::string part = part_of(place);
  const auto upload = place.store().start_upload(place.in_store("f"), {});
  upload->put_part(0, std::string(part.size(), '0'), {});
  upload->put_part(0, part, {});
  upload->put_part(1, "end", {});
  upload->commit({});
  CHECK((place.files.read_text("f") == part + "end"));
}

TEST_CASE("an upload of one short part is a file", "[conformance][multipart]") {
  const Place place;
  const auto upload = place.store().start_upload(place.in_store("f"), {});
  upload->put_part(0, "short", {});
  upload->commit({});
  CHECK(place.files.read_text("f") == "short");
}

TEST_CASE("an upload that is aborted or dropped leaves the old file", "[conformance][multipart]") {
  const Place place;
  place.files.write("f", "old");
  {
    const auto dropped = place.store().start_upload(place.in_store("f"), {});
    dropped->put_part(0, "new", {});
    const auto aborted = place.store().start_upload(place.in_store("f"), {});
    aborted->put_part(0, "newer", {});
    aborted->abort();
  }
  CHECK(place.files.read_text("f") == "old");
  CHECK(names(place.files.list("")) == Names{"f"});
}

TEST_CASE("two uploads of one name do not mix", "[conformance][multipart]") {
  const Place place;
  const std::string part = part_of(place);
  const auto first = place.store().start_upload(place.in_store("f"), {});
  const auto second = place.store().start_upload(place.in_store("f"), {});
  first->put_part(0, part, {});
  second->put_part(0, std::string(part.size(), '2'), {});
  first->put_part(1, "first", {});
  second->put_part(1, "second", {});
  second->commit({});
  CHECK((place.files.read_text("f") == std::string(part.size(), '2') + "second"));
  if (server_has(Fault::uploads_end_others)) {
    CHECK(code_of([&] { first->commit({}); }) == ErrorCode::conflict);
    CHECK((place.files.read_text("f") == std::string(part.size(), '2') + "second"));
    return;
  }
  first->commit({});
  CHECK((place.files.read_text("f") == part + "first"));
}
