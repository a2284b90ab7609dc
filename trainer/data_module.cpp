#include "trainer/data_module.hpp"

#include "trainer/state/names.hpp"

namespace cairn {

std::string DataModule::state_key() const {
  return detail::class_name(typeid(*this));
}

}  // namespace cairn
