// Where two checkpoints are not the same.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <ostream>
#include <set>
#include <utility>
#include <vector>

#include "checkpoint/format/find_tensor.hpp"
#include "tools/cairn/ckpt.hpp"
#include "tools/cairn/ckpt_elements.hpp"
#include "tools/cairn/ckpt_tree.hpp"

namespace cairn::tools {
namespace {

using checkpoint::Dict;
using checkpoint::Kind;
using checkpoint::StoredTensor;
using checkpoint::Value;
using Number = std::complex<double>;

std::string type_text(const StoredTensor& tensor) {
  return std::string(name(tensor.dtype)) + ' ' + nlohmann::json(tensor.sizes).dump();
}

// Of two tensors: what the calls that give them attributes have besides the tensors.
bool same_attributes(const Value& left, const Value& right) {
  if (left.kind() != Kind::opaque || right.kind() != Kind::opaque)
    return left.kind() == right.kind();
  const auto& one = left.as_opaque();
  const auto& two = right.as_opaque();
  const auto& items = one.arguments().items();
  const auto& others = two.arguments().items();
  return equal(one.callee(), two.callee()) &&
         std::equal(items.begin(), items.end(), others.begin(), others.end(),
                    [](const Value& item, const Value& other) {
                      return item.kind() == Kind::tensor || equal(item, other);
                    });
}

class Comparison {
 public:
  Comparison(const DiffCommand& command, std::ostream& out)
      : out_(out), rtol_(command.rtol), atol_(command.atol) {}

  void compare(const Value& left, const Value& right, const std::string& path) {
    const StoredTensor* one = find_tensor(left);
    const StoredTensor* two = find_tensor(right);
    if (one != nullptr && two != nullptr) {
      tensors(*one, *two, path);
      if (!same_attributes(left, right)) tell(path, "other attributes");
      return;
    }
    if (left.kind() != right.kind()) {
      tell(path, std::string(to_string(left.kind())) + " against " +
                     std::string(to_string(right.kind())));
      return;
    }
    // A pair that was compared is not told about again: a small tree can name a list 2^30 times.
    if (is_container(left) && !compared_.emplace(left.identity(), right.identity()).second) return;
    switch (left.kind()) {
      case Kind::dict:
        return dicts(left.as_dict(), right.as_dict(), path);
      case Kind::list:
      case Kind::tuple:
        return sequences(left, right, path);
      case Kind::real:
        if (!equal(left, right) && !(tolerant() && close(left.as_double(), right.as_double()))) {
          tell(path, number_text(left.as_double()) + " against " + number_text(right.as_double()));
        }
        return;
      case Kind::integer:
        if (left.as_int() != right.as_int()) {
          tell(path, std::to_string(left.as_int()) + " against " + std::to_string(right.as_int()));
        }
        return;
      default:
        if (!equal(left, right)) tell(path, "not the same " + std::string(to_string(left.kind())));
    }
  }
  [[nodiscard]] bool same() const { return same_; }

 private:
  void line(char mark, const std::string& path, const std::string& what) {
    same_ = false;
    out_ << mark << ' ' << (path.empty() ? "all" : printable(path));
    if (!what.empty()) out_ << ": " << what;
    out_ << '\n';
  }
  void tell(const std::string& path, const std::string& what) { line('!', path, what); }

  void dicts(const Dict& left, const Dict& right, const std::string& path) {
    for (const auto& [key, value] : left.items()) {
      const Value* other = right.find(key);
      const std::string place = join_path(path, path_text(key));
      other == nullptr ? line('-', place, {}) : compare(value, *other, place);
    }
    for (const auto& [key, value] : right.items()) {
      if (!left.contains(key)) line('+', join_path(path, path_text(key)), {});
    }
  }

  void sequences(const Value& left, const Value& right, const std::string& path) {
    const auto one = left.as_sequence();
    const auto two = right.as_sequence();
    for (std::size_t i = 0; i < std::max(one.size(), two.size()); ++i) {
      const std::string place = join_path(path, std::to_string(i));
      if (i >= one.size()) {
        line('+', place, {});
      } else if (i >= two.size()) {
        line('-', place, {});
      } else {
        compare(one[i], two[i], place);
      }
    }
  }

  // With tolerances as torch.allclose with equal_nan=True.
  [[nodiscard]] bool close(Number left, Number right) const {
    if (left == right) return true;
    const auto is_nan = [](Number value) {
      return std::isnan(value.real()) || std::isnan(value.imag());
    };
    if (is_nan(left) || is_nan(right)) return is_nan(left) && is_nan(right);
    const double distance = std::abs(left - right);
    return std::isfinite(distance) && distance <= atol_ + rtol_ * std::abs(right);
  }
  // Without tolerances it is the bits that count: -0.0 is not 0.0.
  [[nodiscard]] bool tolerant() const { return rtol_ > 0 || atol_ > 0; }

  void tensors(const StoredTensor& left, const StoredTensor& right, const std::string& path) {
    if (left.dtype != right.dtype || left.sizes != right.sizes) {
      tell(path, type_text(left) + " against " + type_text(right));
      return;
    }
    if (left.conjugate != right.conjugate || left.negative != right.negative) {
      tell(path, "conjugate or negative in one of them");
      return;
    }
    const StoredTensor one = left.contiguous();
    const StoredTensor two = right.contiguous();
    if (!one.bytes().empty() &&
        std::memcmp(one.bytes().data(), two.bytes().data(), one.bytes().size()) != 0)
      elements(one, two, path);
  }

  // Of two contiguous tensors whose bytes differ somewhere.
  void elements(const StoredTensor& left, const StoredTensor& right, const std::string& path) {
    const std::size_t item = item_size(left.dtype);
    const std::size_t count = left.bytes().size() / item;
    std::size_t different = 0;
    double furthest = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::byte* a = left.bytes().data() + i * item;
      const std::byte* b = right.bytes().data() + i * item;
      if (std::memcmp(a, b, item) == 0) continue;
      const auto left_value = element_value(left.dtype, a);
      const auto right_value = element_value(right.dtype, b);
      const bool numbers = left_value && right_value;
      if (numbers && tolerant() && close(*left_value, *right_value)) continue;
      ++different;
      if (numbers) furthest = std::max(furthest, std::abs(*left_value - *right_value));
    }
    if (different == 0) return;
    std::string what = std::to_string(different) + " of " + std::to_string(count) + " elements";
    if (furthest > 0) what += ", by up to " + number_text(furthest);
    tell(path, what);
  }

  std::ostream& out_;
  double rtol_;
  double atol_;
  bool same_{true};
  std::set<std::pair<const void*, const void*>> compared_;
};

}  // namespace

bool diff(const Session& session, const DiffCommand& command) {
  const Checkpoint left = open_part(session, command.left, {}, Elements::load);
  const Checkpoint right = open_part(session, command.right, {}, Elements::load);
  Comparison comparison(command, session.output);
  comparison.compare(left.part, right.part, {});
  return comparison.same();
}

}  // namespace cairn::tools
