#include <sstream>
#include <type_traits>
#include <utility>

#include "tests/support/catch.hpp"
#include "vfs/secret.hpp"

using namespace cairn::vfs;

namespace {

template <typename T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };

}  // namespace

TEST_CASE("a secret can't be printed and does not become a text by itself", "[secret]") {
  CHECK_FALSE(Printable<Secret>);
  CHECK_FALSE(std::is_convertible_v<Secret, std::string>);
  CHECK_FALSE(std::is_convertible_v<Secret, const char*>);
}

TEST_CASE("a secret that was moved is empty", "[secret]") {
  Secret first("short");
  const Secret second = std::move(first);
  CHECK(first.empty());  // NOLINT(bugprone-use-after-move)
  CHECK(second.reveal() == "short");

  Secret third(std::string(100, 'x'));
  third = second;
  CHECK(third == second);
  third = Secret(std::string(50, 'y'));
  CHECK(third.reveal() == std::string(50, 'y'));
}
