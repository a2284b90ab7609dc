#include "checkpoint/format/stack.hpp"

#include <iterator>

#include "checkpoint/format/key.hpp"

namespace cairn::checkpoint::format {
namespace {

constexpr std::size_t kShown = 400;

[[noreturn]] void corrupt(const std::string& what) {
  throw Error(ErrorCode::corrupt, what);
}

}  // namespace

void Stack::need(std::size_t count) const {
  const std::size_t bottom = marks_.empty() ? 0 : marks_.back();
  if (items_.size() - bottom < count) corrupt("a pickle that takes more values than it has made");
}

Value Stack::pop() {
  need(1);
  Value item = std::move(items_.back());
  items_.pop_back();
  return item;
}

std::vector<Value> Stack::pop(std::size_t count) {
  need(count);
  const auto begin = items_.end() - static_cast<std::ptrdiff_t>(count);
  std::vector<Value> taken(std::make_move_iterator(begin), std::make_move_iterator(items_.end()));
  items_.erase(begin, items_.end());
  return taken;
}

Value& Stack::top() {
  need(1);
  return items_.back();
}

std::size_t Stack::close_mark() {
  if (marks_.empty()) corrupt("a pickle without the MARK that it refers to");
  const std::size_t count = items_.size() - marks_.back();
  marks_.pop_back();
  return count;
}

// A frame (what lies above a mark) fills the container below the mark. It ends with the container
// that the next frame fills, which is the value of the key before it.
std::string Stack::where() const {
  std::string path;
  for (std::size_t frame = 0; frame < marks_.size() && path.size() < kShown; ++frame) {
    const bool last = frame + 1 == marks_.size();
    const std::size_t end = last ? items_.size() : marks_[frame + 1] - 1;
    const Value* owner = marks_[frame] > 0 ? &items_[marks_[frame] - 1] : nullptr;
    if (owner == nullptr || end < marks_[frame]) continue;
    const std::size_t count = end - marks_[frame];
    if (owner->kind() == Kind::list) path += "[" + std::to_string(count) + "]";
    if (owner->kind() != Kind::dict || count % 2 == 0) continue;
    path += "[" + show_key(items_[end - 1]) + "]";
  }
  return path;
}

}  // namespace cairn::checkpoint::format
