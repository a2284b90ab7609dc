// Loads the plugins that are named on the command line, uses all, and unloads them.
#include <dlfcn.h>

#include <iostream>
#include <vector>

int main(int argc, char* argv[]) {
  std::vector<void*> plugins;
  for (int i = 1; i < argc; ++i) {
    void* plugin = dlopen(argv[i], RTLD_NOW | RTLD_LOCAL);
    if (plugin == nullptr) {
      std::cerr << dlerror() << '\n';
      return 1;
    }
    plugins.push_back(plugin);
    reinterpret_cast<void (*)()>(dlsym(plugin, "run_plugin"))();
  }
  for (void* plugin : plugins) {
    if (!reinterpret_cast<bool (*)()>(dlsym(plugin, "owns_context"))()) {
      std::cerr << "two plugins share one Context\n";
      return 1;
    }
  }
  for (void* plugin : plugins) dlclose(plugin);
  std::cout << "gone\n";
}
