#include "checkpoint/format/tree_paths.hpp"

#include <charconv>

#include "checkpoint/format/key.hpp"
#include "checkpoint/format/text.hpp"

namespace cairn::checkpoint::format {
namespace {

constexpr std::size_t kMaxLeaves = 10'000'000;
constexpr std::size_t kShown = 120;  // of a path, in messages

// As it stands in a path.
std::string segment(const Value& key) {
  return key.kind() == Kind::string ? key.as_string() : show_key(key);
}

std::string_view first(std::string_view path, std::size_t end) {
  return path.substr(0, end);
}

std::string_view rest(std::string_view path, std::size_t end) {
  return end >= path.size() ? std::string_view{} : path.substr(end + 1);
}

const Value* find(const Value& value, std::string_view path);

// Keys may hold dots: each way to split the path is tried, the longest key first.
const Value* find_in_dict(const Dict& dict, std::string_view path) {
  for (std::size_t end = path.size(); end != std::string_view::npos && end > 0;
       end = path.rfind('.', end - 1)) {
    const Value* item = dict.find(Value(first(path, end)));
    std::int64_t number = 0;
    const auto [stop, error] = std::from_chars(path.data(), path.data() + end, number);
    if (item == nullptr && error == std::errc() && stop == path.data() + end)
      item = dict.find(Value(number));
    const Value* found = item == nullptr ? nullptr : find(*item, rest(path, end));
    if (found != nullptr) return found;
  }
  return nullptr;
}

const Value* find(const Value& value, std::string_view path) {
  if (path.empty()) return &value;
  if (value.kind() == Kind::dict) return find_in_dict(value.as_dict(), path);
  if (value.kind() != Kind::list && value.kind() != Kind::tuple) return nullptr;
  const std::size_t end = std::min(path.find('.'), path.size());
  std::size_t index = 0;
  const auto [stop, error] = std::from_chars(path.data(), path.data() + end, index);
  const auto items = value.as_sequence();
  if (error != std::errc() || stop != path.data() + end || index >= items.size()) return nullptr;
  return find(items[index], rest(path, end));
}

class Leaves {
 public:
  explicit Leaves(const std::function<void(const std::string&, const Value&)>& visit)
      : visit_(visit) {}

  void walk(const Value& value, const std::string& path) {
    const auto below = [&](const std::string& key, const Value& item) {
      walk(item, path.empty() ? key : path + "." + key);
    };
    if (value.kind() == Kind::dict && value.as_dict().size() > 0) {
      for (const auto& [key, item] : value.as_dict().items()) below(segment(key), item);
    } else if (is_sequence(value) && !value.as_sequence().empty()) {
      std::size_t index = 0;
      for (const Value& item : value.as_sequence()) below(std::to_string(index++), item);
    } else {
      if (++count_ > kMaxLeaves) throw Error(ErrorCode::limit, "more than ten million leaves");
      visit_(path, value);
    }
  }

 private:
  static bool is_sequence(const Value& value) {
    return value.kind() == Kind::list || value.kind() == Kind::tuple;
  }

  const std::function<void(const std::string&, const Value&)>& visit_;
  std::size_t count_{0};
};

// What a dict says of a key that it has not, and of one that is near.
std::string no_key(const Dict& dict, std::string_view wanted) {
  try {
    static_cast<void>(dict.at(Value(wanted)));
  } catch (const Error& error) {
    return error.what();
  }
  return "no key";
}

// "'state_dict' has no key 'fc.weigth'; did you mean 'fc.weight'?"
Error nothing_below(const Value& parent, std::string_view path, std::string_view wanted) {
  const std::string place = "'" + printable(path, kShown) + "'";
  if (parent.kind() == Kind::dict)
    return {ErrorCode::key,
            (path.empty() ? "" : place + " has ") + no_key(parent.as_dict(), wanted)};
  const std::string kind = "a " + std::string(to_string(parent.kind()));
  return {ErrorCode::key, "no '" + printable(wanted, kShown) + "' in " +
                              (path.empty() ? kind : place + ", which is " + kind)};
}

}  // namespace

bool is_pattern(std::string_view path) {
  return path.find('*') != std::string_view::npos;
}

bool matches(std::string_view pattern, std::string_view path) {
  // Where to go on if the text after a wildcard does not fit: the wildcard takes one character
  // more.
  std::size_t p = 0;
  std::size_t t = 0;
  struct Retry {
    std::size_t pattern{std::string_view::npos};
    std::size_t text{0};
  };
  Retry one;
  Retry any;
  while (t < path.size() || p < pattern.size()) {
    if (pattern.substr(p).starts_with("**")) {
      any = {.pattern = p += 2, .text = t};
      one = {};
    } else if (p < pattern.size() && pattern[p] == '*') {
      one = {.pattern = ++p, .text = t};
    } else if (p < pattern.size() && t < path.size() && pattern[p] == path[t]) {
      ++p;
      ++t;
    } else if (one.pattern != std::string_view::npos && one.text < path.size() &&
               path[one.text] != '.') {
      t = ++one.text;
      p = one.pattern;
    } else if (any.pattern != std::string_view::npos && any.text < path.size()) {
      t = ++any.text;
      p = any.pattern;
      one = {};
    } else {
      return false;
    }
  }
  return true;
}

const Value& value_at_path(const Value& root, std::string_view path) {
  if (const Value* found = find(root, path)) return *found;
  // How far does it go?
  for (std::size_t end = path.rfind('.'); end != std::string_view::npos && end > 0;
       end = path.rfind('.', end - 1)) {
    const Value* parent = find(root, first(path, end));
    if (parent != nullptr) throw nothing_below(*parent, first(path, end), rest(path, end));
  }
  throw nothing_below(root, "", path);
}

void for_each_leaf(const Value& root,
                   const std::function<void(const std::string&, const Value&)>& visit) {
  Leaves(visit).walk(root, "");
}

}  // namespace cairn::checkpoint::format
