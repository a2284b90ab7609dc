#include "checkpoint/checkpoint.hpp"

#include <cstddef>

#include <c10/core/CPUAllocator.h>
#include <c10/core/Storage.h>

#include "vfs/file_system.hpp"

namespace cairn::checkpoint {
namespace {

vfs::Location resolve(std::string_view url, const std::shared_ptr<vfs::Context>& context) {
  return (context ? context : vfs::Context::standard())->resolve(url);
}

// LibTorch's own allocator, not zeroed: to_tensor hands the memory on without a copy.
void allocate_for_torch(Storage& storage) {
  auto* allocator = c10::GetCPUAllocator();
  c10::Storage memory(c10::Storage::use_byte_size_t(), static_cast<std::size_t>(storage.nbytes),
                      allocator->allocate(static_cast<std::size_t>(storage.nbytes)), allocator,
                      /*resizable=*/true);
  storage.data = static_cast<std::byte*>(memory.mutable_data());
  storage.owner = std::move(memory);
}

}  // namespace

vfs::WriteResult save(std::string_view url, const Value& root, const SaveOptions& options,
                      const std::shared_ptr<vfs::Context>& context) {
  const auto location = resolve(url, context);
  return format::save(location.file_system, location.path, root, options);
}

Value load(std::string_view url, const LoadOptions& options,
           const std::shared_ptr<vfs::Context>& context) {
  const auto location = resolve(url, context);
  if (options.allocate) return format::load(location.file_system, location.path, options);
  auto with_memory = options;
  with_memory.allocate = allocate_for_torch;
  return format::load(location.file_system, location.path, with_memory);
}

}  // namespace cairn::checkpoint
