// Who does not get as far as a server of Cloud Storage: credentials that are not good are told
// before anything is sent. Other stores have nothing to show here.
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

#include "tests/conformance/refused.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace cairn::vfs;
using namespace cairn::conformance;

namespace {

/// As on a machine whose user has set GOOGLE_APPLICATION_CREDENTIALS to that file.
Config with_credentials(const std::string& file) {
  const std::string endpoint = variable("STORAGE_EMULATOR_HOST");
  const auto environment = [file](std::string_view name) -> std::optional<std::string> {
    if (name == "GOOGLE_APPLICATION_CREDENTIALS") return file;
    if (name == "STORAGE_EMULATOR_HOST") return std::nullopt;  // emulators get no credentials
    const std::string value = variable(std::string(name).c_str());
    return value.empty() ? std::nullopt : std::optional(value);
  };
  return {.gcs = {.endpoint_url = endpoint}, .environment = environment};
}

}  // namespace

TEST_CASE("credentials that no token can be made from are told with their file",
          "[conformance][refused][gcs]") {
  const Place place;
  if (!is_at(place, "gs")) return;
  const cairn::test::TemporaryFolder folder;
  const std::string file = (folder.path() / "key.json").string();
  struct Case {
    std::string_view content;
    std::string says;
  };
  for (const Case& c : {
           Case{R"({"type":"service_account","client_email":"me@p.iam.gserviceaccount.com"})",
                "has no \"private_key\""},
           Case{R"({"type":"service_account","client_email":"a@b","private_key":"canary"})",
                "is no PEM text"},
           Case{R"({"type":"service_account","private_key":"canary)", "holds no JSON object"},
           Case{"", "holds no JSON object"},
       }) {
    INFO(c.says);
    std::ofstream(file) << c.content;
    const Error error = error_of(place.url, with_credentials(file));
    check_error(error, ErrorCode::unauthenticated, "");
    CHECK_FALSE(error.details().hint.empty());
    CHECK(contains(error.what(), file));
    CHECK(contains(error.what(), c.says));
    CHECK_FALSE(contains(error.what(), "canary"));
  }
}

TEST_CASE("a file that GOOGLE_APPLICATION_CREDENTIALS names and that is not there is told",
          "[conformance][refused][gcs]") {
  const Place place;
  if (!is_at(place, "gs")) return;
  const cairn::test::TemporaryFolder folder;
  const std::string file = (folder.path() / "none.json").string();

  const Error error = error_of(place.url, with_credentials(file));

  check_error(error, ErrorCode::unauthenticated, "GOOGLE_APPLICATION_CREDENTIALS");
  CHECK(contains(error.what(), file + " can't be read"));
}

TEST_CASE("a generation in a URL is told how it is written", "[conformance][refused][gcs]") {
  const Place place;
  if (!is_at(place, "gs")) return;
  const std::string generation = "#" + place.files.write("k", "x").version;

  const Error error = cairn::test::error_of(
      [&] { static_cast<void>(FileSystem::open(place.url).read("k" + generation)); });

  check_error(error, ErrorCode::not_found, "ReadOptions::version");
  CHECK(contains(error.what(), "k" + generation));
}
