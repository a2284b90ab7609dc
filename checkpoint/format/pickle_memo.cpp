#include "checkpoint/format/pickle_memo.hpp"

namespace cairn::checkpoint::format {

bool PickleMemo::get(const void* identity) {
  if (identity == nullptr) return false;
  const auto found = objects_.find(identity);
  if (found == objects_.end()) return false;
  writer_->get(found->second);
  return true;
}

void PickleMemo::put(const void* identity) {
  const std::uint32_t number = writer_->put();
  if (identity != nullptr) objects_.emplace(identity, number);
}

void PickleMemo::text(const Value& text) {
  const void* identity = text.identity();
  if (identity == nullptr) return this->text(std::string_view(text.as_string()));
  if (get(identity)) return;
  writer_->text(text.as_string());
  put(identity);
}

void PickleMemo::text(std::string_view text) {
  if (const auto found = texts_.find(text); found != texts_.end())
    return writer_->get(found->second);
  writer_->text(text);
  texts_.emplace(text, writer_->put());
}

void PickleMemo::fresh_text(std::string_view text) {
  writer_->text(text);
  writer_->put();
}

void PickleMemo::global(std::string_view module, std::string_view name) {
  std::string key(module);
  key.append("\n").append(name);
  if (const auto found = globals_.find(key); found != globals_.end())
    return writer_->get(found->second);
  writer_->global(module, name);
  globals_.emplace(std::move(key), writer_->put());
}

bool PickleMemo::get_bytes(std::string_view bytes) {
  const auto found = bytes_.find(bytes);
  if (found == bytes_.end()) return false;
  writer_->get(found->second);
  return true;
}

void PickleMemo::put_bytes(std::string_view bytes) {
  bytes_.emplace(bytes, writer_->put());
}

}  // namespace cairn::checkpoint::format
