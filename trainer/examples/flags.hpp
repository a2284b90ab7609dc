// The flags of fashion_mnist, apart from the training: CLI11 and LibTorch need not meet in one
// file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace fashion_mnist {

struct Flags {
  std::string root{"runs/fashion_mnist"};
  std::string ckpt_path{};  ///< empty: from scratch
  std::string data{"/usr/share/datasets/fashion-mnist"};
  std::string accelerator{"auto"};
  std::int64_t max_epochs{3};
  std::optional<std::int64_t> max_steps{};
  std::int64_t batch_size{64};
  std::int64_t hidden{128};
  std::int64_t threads{1};
  std::int64_t checkpoint_every{200};
  std::optional<std::int64_t> print_every{};
  std::int64_t seed{42};
};

/// Ends the program after --help (status 0) and after a flag that is wrong (status 2, one line on
/// stderr).
[[nodiscard]] Flags parse_flags(int argc, const char* const* argv);

}  // namespace fashion_mnist
