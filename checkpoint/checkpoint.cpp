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

// Large buffers of vfs lie in huge pages, which LibTorch's allocator does not ask for: half of what a
// load costs is the first touch of its memory.
c10::DataPtr memory_of(std::size_t size) {
  constexpr std::size_t kLarge = std::size_t{16} << 20U;
  if (size < kLarge) return c10::GetCPUAllocator()->allocate(size);
  auto buffer = std::make_unique<vfs::Buffer>(size);
  std::byte* data = buffer->data();
  return {data, buffer.release(), [](void* owner) { delete static_cast<vfs::Buffer*>(owner); },
          c10::Device(c10::kCPU)};
}

// Not zeroed; to_tensor hands it on without a copy.
void allocate_for_torch(Storage& storage) {
  const auto size = static_cast<std::size_t>(storage.nbytes);
  c10::Storage memory(c10::Storage::use_byte_size_t(), size, memory_of(size),
                      c10::GetCPUAllocator(), /*resizable=*/true);
  storage.data = static_cast<std::byte*>(memory.mutable_data());
  storage.owner = std::move(memory);
}

LoadOptions with_memory(LoadOptions options) {
  if (!options.allocate) options.allocate = allocate_for_torch;
  return options;
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
  return format::load(location.file_system, location.path, with_memory(options));
}

format::Archive open(std::string_view url, const LoadOptions& options,
                     const std::shared_ptr<vfs::Context>& context) {
  const auto location = resolve(url, context);
  return format::Archive(location.file_system, location.path, with_memory(options));
}

}  // namespace cairn::checkpoint
