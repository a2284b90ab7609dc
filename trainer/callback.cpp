#include "trainer/callback.hpp"

#include "trainer/state/names.hpp"

namespace cairn {

std::string Callback::state_key() const {
  return detail::class_name(typeid(*this));
}

}  // namespace cairn
