// The sink as a child process.
#pragma once

#include <cstdint>
#include <string>

#include <sys/types.h>

namespace cairn::bench {

struct SinkOptions {
  bool tls{false};
  std::uint64_t delay_ms{0};
  std::uint64_t keys{100'000};
};

class Sink {
 public:
  /// Starts the program and waits until it listens. Throws std::runtime_error.
  explicit Sink(const std::string& program, const SinkOptions& options = {});
  ~Sink();
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  [[nodiscard]] std::string url() const;
  [[nodiscard]] const std::string& ca_file() const { return ca_file_; }  ///< empty: plain http
  /// What it has counted since it was asked last.
  [[nodiscard]] std::string counts() const;

 private:
  pid_t child_{0};
  int to_child_{-1};
  int port_{0};
  std::string ca_file_{};
};

}  // namespace cairn::bench
