#include "trainer/loop/device.hpp"

#include <dlfcn.h>

#include <stdexcept>
#include <string>

#include <ATen/Context.h>

namespace cairn::detail {
namespace {

// Of the libtorch_cpu.so that this process runs with: a libtorch_cuda.so from elsewhere would bring
// a second one.
std::string torch_library_folder() {
  Dl_info info{};
  if (dladdr(reinterpret_cast<void*>(&at::globalContext), &info) == 0 || info.dli_fname == nullptr)
    return {};
  const std::string file = info.dli_fname;
  const std::size_t slash = file.rfind('/');
  return slash == std::string::npos ? std::string() : file.substr(0, slash + 1);
}

// Empty: CUDA can be used. Else the reason why not.
std::string load_cuda() {
  if (!at::hasCUDA()) {
    // The driver's library first: without it libtorch_cuda.so is half a gigabyte to load for
    // nothing.
    if (dlopen("libcuda.so.1", RTLD_LAZY) == nullptr)
      return "no NVIDIA driver (libcuda.so.1) on this machine";
    // Never closed: LibTorch registers its kernels in there.
    if (dlopen((torch_library_folder() + "libtorch_cuda.so").c_str(), RTLD_NOW | RTLD_GLOBAL) ==
        nullptr) {
      const char* reason = dlerror();
      return std::string("this LibTorch has no CUDA: ") +
             (reason != nullptr ? reason : "libtorch_cuda.so does not load");
    }
  }
  if (!at::hasCUDA()) return "CUDA finds no device";
  return at::getNumGPUs() > 0 ? "" : "CUDA finds no device";
}

}  // namespace

c10::Device select_device(Accelerator accelerator) {
  if (accelerator == Accelerator::cpu) return c10::DeviceType::CPU;
  const std::string missing = load_cuda();
  if (missing.empty()) {
    at::globalContext().lazyInitDevice(c10::DeviceType::CUDA);
    return {c10::DeviceType::CUDA, 0};
  }
  if (accelerator == Accelerator::cuda) throw std::runtime_error("accelerator = cuda: " + missing);
  return c10::DeviceType::CPU;
}

}  // namespace cairn::detail
