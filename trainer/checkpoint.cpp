#include "trainer/checkpoint.hpp"

namespace cairn {

using checkpoint::StateDict;
using checkpoint::Value;

Checkpoint::Slot& Checkpoint::Slot::operator=(const Slot& other) {
  set(other.value());
  return *this;
}

const Value& Checkpoint::Slot::value() const {
  return dict_.at(Value(key_));
}

void Checkpoint::Slot::set(Value value) {
  dict_[Value(key_)] = std::move(value);
}

const Value& Checkpoint::at(std::string_view key) const {
  return root_.at(Value(key));
}

bool Checkpoint::contains(std::string_view key) const {
  return root_.contains(Value(key));
}

bool Checkpoint::erase(std::string_view key) {
  return root_.erase(Value(key));
}

StateDict Checkpoint::state_dict() const {
  return at("state_dict").as<StateDict>();
}

void Checkpoint::set_state_dict(const StateDict& state) {
  root_[Value("state_dict")] = Value(state);
}

}  // namespace cairn
